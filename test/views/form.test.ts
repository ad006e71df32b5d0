import { catalog, entryOf, type Kind } from '../../src/catalog/index.ts';
import { reseller } from '../../src/catalog/reseller.ts';
import type { Form } from '../../src/requests/forms.ts';
import { formCard } from '../../src/views/form.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';

const form = (other: Partial<Form> = {}): Form => ({
  kind: 'reseller',
  nonce: 'a-nonce-of-the-form',
  fields: Object.keys(entryOf(other.kind ?? 'reseller').fields),
  page: 'whole',
  typed: {},
  errors: {},
  choices: {},
  ...other,
});
const says = (card: object) => textsOf(card).join('\n');

/** Every input of a card as it stands there. */
function inputs(part: unknown): Record<string, unknown>[] {
  if (Array.isArray(part)) return part.flatMap(inputs);
  if (part === null || typeof part !== 'object') return [];
  const one = part as Record<string, unknown>;
  return String(one.type).startsWith('Input.') ? [one] : Object.values(one).flatMap(inputs);
}

describe('a form', () => {
  test.each(Object.keys(catalog) as Kind[])('of %s asks for what the catalog asks for, in its words', (kind) => {
    const { fields, title } = entryOf(kind);
    const card = formCard(form({ kind }));
    expect(says(card)).toContain(title);
    expect(inputs(card).map(({ id }) => id)).toEqual(Object.keys(fields));
    for (const input of inputs(card)) {
      const field = fields[String(input.id)];
      expect(input).toMatchObject({
        label: field?.label,
        ...(field?.maxLength && { maxLength: field.maxLength }),
        ...(field?.choices && { choices: field.choices }),
        ...(field?.required && { isRequired: true, errorMessage: `${field.label} is needed.` }),
      });
    }
  });

  test('is submitted or cancelled, and only a Submit takes the inputs along', () => {
    expect(actionsOf(formCard(form()))).toMatchObject([
      { title: 'Submit', associatedInputs: 'auto', data: { verb: 'submit', nonce: 'a-nonce-of-the-form' } },
      { title: 'Cancel', associatedInputs: 'none', data: { verb: 'cancel', nonce: 'a-nonce-of-the-form' } },
    ]);
  });

  test('says that nothing happens before somebody has agreed', () => {
    expect(says(formCard(form()))).toContain('Nothing is ordered before an approver has agreed.');
  });

  test.each(['*_`~#[]<>|\\', '${name}', '{{DATE(2025-01-01T00:00:00Z)}}', '<b>x</b>', '"quoted"', 'x'.repeat(2000)])(
    'gives back what was typed as it was typed: %p',
    (text) => {
      const typed = { name: text, email: text, services: 'PBX,TRUNK', billingReference: text };
      expect(inputsOf(formCard(form({ typed })))).toEqual(typed);
    },
  );

  test.each<[wrong: number, says: string]>([
    [1, 'Nothing was sent yet: one field needs mending.'],
    [3, 'Nothing was sent yet: 3 fields need mending.'],
  ])('with %d mistakes says so above, and each beside its field', (wrong, notice) => {
    const errors = Object.fromEntries(
      Object.keys(reseller.fields)
        .slice(0, wrong)
        .map((field) => [field, `Mend the *${field}*`]),
    );
    const text = says(formCard(form({ errors })));
    expect(text).toContain(notice);
    for (const field of Object.keys(errors)) expect(text).toContain(`⚠ Mend the \\*${field}\\*`);
    expect(text.match(/⚠/g)).toHaveLength(wrong);
  });

  test('without a mistake shows none', () => {
    expect(says(formCard(form()))).not.toMatch(/⚠|mending/);
  });

  test('may have something to say about the whole of it', () => {
    expect(says(formCard(form({ notice: 'This form is too old.', errors: {} })))).toContain('This form is too old.');
  });

  test('stays under 25 KB with the longest answers and every error', () => {
    const fields = Object.keys(reseller.fields);
    const typed = Object.fromEntries(fields.map((field) => [field, '字'.repeat(1000)]));
    const errors = Object.fromEntries(fields.map((field) => [field, 'e'.repeat(120)]));
    expect(Buffer.byteLength(JSON.stringify(formCard(form({ typed, errors }))))).toBeLessThan(25 * 1024);
  });
});
