import { readFileSync } from 'node:fs';
import { errorsPage } from '../docs/errors.ts';
import { codes, type ErrorCode, explain, Refusal } from '../src/errors.ts';
import { catalogues } from '../src/language/catalogues.ts';

const textsOf = (code: ErrorCode) => {
  const text = (which: string) => catalogues.en.get(`errors.${code}.${which}`) ?? '';
  return { says: text('says'), next: text('next') };
};
const named = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);

describe('the catalogue of errors', () => {
  test.each(codes)('%s says in sentences what happened and what to do', (code) => {
    const { says, next } = textsOf(code);
    // A sentence may end with what is to be typed, or with what the backend said.
    expect(says).toMatch(/^[A-Z{].+([.?]|\{\w+\})$/);
    expect(next).toMatch(/^[A-Z{].+([.?]|\{\w+\}|here|@\{you\})$/);
  });

  test.each(codes)('%s is filled with its details, and nothing is left over', (code) => {
    const { says, next } = textsOf(code);
    const details = Object.fromEntries(named(says + next).map((name) => [name, `<${name}>`]));
    const refusal = new Refusal(code, details);
    expect(refusal.says + refusal.next).not.toMatch(/[{}]/);
    for (const detail of Object.values(details)) expect(refusal.says + refusal.next).toContain(detail);
    expect(explain(code, details)).toEqual({ code, says: refusal.says, next: refusal.next, details });
  });

  test('a detail that is missing shows, instead of hiding a mistake of ours', () => {
    expect(new Refusal('not-yours').says).toContain('{requester}');
    expect(new Refusal('not-yours', { other: 'x' }).says).toContain('{requester}');
  });

  test('a detail is text, whatever stands in it', () => {
    expect(new Refusal('not-yours', { requester: '{requester} $& $1' }).says).toBe(
      'Only {requester} $& $1, who made this request, can do that.',
    );
  });

  test('details are formatted for where they are shown, the bot’s own words are not', () => {
    const refusal = new Refusal('reason-too-long', { length: 600, limit: 500 });
    expect(refusal.sentences((detail) => `*${detail}*`)).toBe(
      'The reason is too long (*600* characters). Use at most *500*.',
    );
  });
});

/** The formatter pads a table's cells, which changes nothing of what they say. */
const unpadded = (page: string) => page.replace(/-{3,}/g, '---').replace(/ +\|/g, ' |');

test('docs/errors.md tells what the catalogue says (npm run docs makes it)', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  expect(unpadded(page)).toBe(unpadded(errorsPage()));
});
