import { entryOf } from '../catalog/index.ts';
import type * as Catalog from '../catalog/orderable.ts';
import type { Field, Form as Page } from '../dialog/contract.ts';
import { say } from '../language/say.ts';
import type { Form } from '../requests/forms.ts';
import { toMend } from './form.ts';

/** The form of whatever is ordered as its page shows it: the same as on the card, in plain text. */
export function formPage(form: Form): Page {
  const entry = entryOf(form.kind);
  const notice = form.notice ?? toMend(form);
  return {
    title: entry.title,
    intro: entry.intro ?? say('cards.form.intro'),
    ...(notice && { notice }),
    page: form.page,
    fields: pageFields(form, entry.fields),
  };
}

export const pageFields = (
  form: Pick<Form, 'fields' | 'typed' | 'errors' | 'choices' | 'kept'>,
  definitions: Readonly<Record<string, Catalog.Field>>,
): Field[] =>
  form.fields.map((name) => {
    const { label, hint, heading, input, maxLength, required, ...field } = definitions[name] as Catalog.Field;
    const kept = form.kept?.includes(name) ?? false;
    const offered = form.choices[name] ?? { choices: field.choices ?? [] };
    const error = form.errors[name];
    return {
      name,
      label,
      hint: kept ? say('cards.form.kept') : hint,
      ...(heading && { heading }),
      input,
      ...(maxLength && { maxLength }),
      required: required && !kept,
      kept,
      value: input === 'secret' ? '' : (form.typed[name] ?? ''),
      ...((input === 'one' || input === 'many') && { choices: [...offered.choices] }),
      searched: offered.search !== undefined,
      ...(error && { error }),
    };
  });
