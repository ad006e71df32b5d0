import { entryOf } from '../catalog/index.ts';
import type { Choice, Choices, Field } from '../catalog/orderable.ts';
import { say } from '../language/say.ts';
import type { Form } from '../requests/forms.ts';
import { button, plainButton, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';
import { plain } from './text.ts';

/** The form of whatever is ordered, with what was typed and every error beside its field. */
export function formCard(form: Form, page: PageAs = 'dialog'): Card {
  const entry = entryOf(form.kind);
  const next = form.page === 'first';
  return render('form', {
    title: entry.title,
    intro: entry.intro ?? say('cards.form.intro'),
    notices: texts(form.notice ?? toMend(form)),
    pages: pageButtons(form.nonce, (entry.secrets ?? []).length > 0, page),
    sections: sectionsOf(form, entry.fields),
    buttons: row([
      button(
        say(next ? 'cards.button.next' : 'cards.button.submit'),
        { verb: 'submit', nonce: form.nonce, kind: form.kind, page: form.page },
        'positive',
      ),
      plainButton(say('cards.button.cancel'), { verb: 'cancel', nonce: form.nonce }),
    ]),
  });
}

/** How a form's page is opened: by Teams, or by a link where there is no Teams that could. */
export type PageAs = 'dialog' | 'link';

/**
 * The button that opens the same form as a page (Teams: "Use dialogs in Teams"), for a form with secrets, which then go from the
 * browser to the bot and not through Teams. Teams opens a page for an Action.Submit alone; what stands in the card's inputs stays
 * there, because with them it would ask first for those that are needed.
 */
export const pageButtons = (nonce: string, hasSecrets: boolean, page: PageAs) =>
  hasSecrets
    ? [
        {
          title: say('dialog.open'),
          why: say('dialog.why'),
          data: { verb: 'dialog', nonce, ...(page === 'dialog' && { msteams: { type: 'task/fetch' } }) },
        },
      ]
    : [];

/** What a form's notice says when there are mistakes in it. */
export function toMend({ fields, errors }: Pick<Form, 'fields' | 'errors'>): string | undefined {
  const wrong = fields.filter((name) => errors[name]).length;
  if (wrong === 0) return undefined;
  return say('cards.form.toMend', { wrong });
}

/** The parts of a form as the template takes them; each begins at a field with a heading. */
export function sectionsOf(
  form: Pick<Form, 'fields' | 'typed' | 'errors' | 'choices' | 'kept'>,
  definitions: Readonly<Record<string, Field>>,
) {
  const sections: { headings: ReturnType<typeof texts>; fields: object[] }[] = [];
  for (const name of form.fields) {
    const defined = definitions[name] as Field;
    const field = form.kept?.includes(name) ? { ...defined, hint: say('cards.form.kept'), required: false } : defined;
    if (field.heading || sections.length === 0) sections.push({ headings: texts(field.heading), fields: [] });
    sections.at(-1)?.fields.push({
      ...inputOf(name, field, form.typed[name] ?? '', form.choices[name] ?? { choices: field.choices ?? [] }),
      errors: texts(form.errors[name] && `⚠ ${plain(form.errors[name])}`),
    });
  }
  return sections;
}

/** The one input of a field, in the list of its kind; the other lists are empty. */
function inputOf(id: string, field: Field, value: string, { choices, search }: Choices) {
  const { label, hint, required, maxLength = 0 } = field;
  const common = { id, label, hint, required, missing: say('cards.form.needed', { label }) };
  const line = {
    ...common,
    value,
    maxLength,
    paragraph: field.input === 'paragraph',
    style: styles[field.input] ?? 'Text',
  };
  const offered = choices.length > 0 ? choices : nothing();
  const choice = { ...common, value, choices: offered };
  return {
    lines: field.input in styles ? [line] : [],
    // As one list that is searched as one types: an expanded one of a hundred would fill the screen.
    ones: field.input === 'one' && !search ? [choice] : [],
    searches: field.input === 'one' && search ? [{ ...choice, dataset: search }] : [],
    manies: field.input === 'many' ? [choice] : [],
    // Nothing in an expanded list has a placeholder.
    hints: texts(field.input === 'many' ? hint : undefined),
    toggles: field.input === 'toggle' ? [{ ...common, value: value || 'false' }] : [],
  };
}

/** How Input.Text shows what is typed. */
const styles: Partial<Record<Field['input'], string>> = {
  line: 'Text',
  paragraph: 'Text',
  email: 'Email',
  secret: 'Password',
};

/** A list of choices must not be empty. */
const nothing = (): readonly Choice[] => [{ value: '-', title: say('cards.form.nothing') }];
