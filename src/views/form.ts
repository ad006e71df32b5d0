import { entryOf } from '../catalog/index.ts';
import type { Form } from '../requests/forms.ts';
import { button, plainButton, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';
import { plain } from './text.ts';

/** The form of whatever is ordered, with what was typed and every error beside its field. */
export function formCard(form: Form): Card {
  const entry = entryOf(form.kind);
  const fields = Object.fromEntries(
    Object.entries(entry.fields).map(([id, field]) => [
      id,
      {
        label: field.label,
        hint: field.hint,
        value: form.typed[id] ?? '',
        maxLength: field.maxLength ?? 0,
        choices: field.choices ?? [],
        missing: `${field.label} is needed.`,
        errors: texts(form.errors[id] && `⚠ ${plain(form.errors[id])}`),
      },
    ]),
  );
  const wrong = Object.keys(form.errors).length;
  return render(entry.card, {
    title: entry.title,
    intro: 'Nothing is ordered before an approver has agreed.',
    notices: texts(
      form.notice ??
        (wrong
          ? `Nothing was sent yet: ${wrong === 1 ? 'one field needs' : `${wrong} fields need`} mending.`
          : undefined),
    ),
    fields,
    buttons: row([
      button('Submit', { verb: 'submit', nonce: form.nonce, kind: form.kind }, 'positive'),
      plainButton('Cancel', { verb: 'cancel', nonce: form.nonce }),
    ]),
  });
}
