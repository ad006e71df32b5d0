import { countsOf } from '../../src/billing/bill.ts';
import type { Changes, Summary } from '../../src/billing/summary.ts';
import { billCard, linkCard, noBillCard } from '../../src/views/bill.ts';
import { textsOf } from '../support/fake-teams.ts';
import { asShown } from './as-shown.ts';

const bill = { id: '1', tenantId: 't', month: '2026-10', readAt: new Date('2026-11-02T08:00:00Z'), size: 1_234 };
const none: Changes = { count: 0, largest: [] };
const counts = (value: number) => countsOf(({ key }) => (key === 'licensesInUse' ? value : 5));
const summary: Summary = {
  bill,
  resellers: 7,
  totals: counts(12_345),
  largest: [
    { name: '*Star* & Sons', count: 1_000 },
    { name: 'Small', count: 1 },
  ],
};
const before = { ...bill, month: '2026-09' };
const shown = (...rest: Parameters<typeof billCard>) => textsOf(billCard(...rest)).map(asShown);

describe('the card of a bill', () => {
  test('says of which month it is, of how many, and when it was read', () => {
    const [title, intro] = textsOf(billCard(summary, { readers: 'one' }));
    expect(title).toBe('Bill of October 2026');
    expect(intro).toBe(
      '1,234 enterprises of 7 resellers, read from TeamMate {{DATE(2026-11-02T08:00:00Z, SHORT)}} {{TIME(2026-11-02T08:00:00Z)}}.',
    );
  });

  test('of a month that is not over is marked', () => {
    const running = { ...summary, bill: { ...bill, readAt: new Date('2026-10-31T23:59:59Z') } };
    expect(shown(running, { readers: 'one' })[0]).toBe('Bill of October 2026, so far');
  });

  test('names every counter with its total and what it is more or less by', () => {
    const against = { bill: before, totals: counts(13_000), fresh: none, gone: none, up: none, down: none };
    const words = shown({ ...summary, against }, { readers: 'one' });
    expect(words).toContain('12,345 (−655)');
    for (const label of [
      'PBX',
      'Trunk',
      'Valet',
      'SMS',
      'Chat',
      'Operator Connect',
      'External Trunk',
      'Call Recording',
    ])
      expect(words[words.indexOf(label) + 1]).toBe('5');
    expect(words).toContain('No enterprise came or went, and all have as many licences in use.');
  });

  test('draws each bar beside its number, the smallest too, and names as they were typed', () => {
    const words = shown(summary, { readers: 'one' });
    const at = words.indexOf('*Star* & Sons');
    expect(words.slice(at, at + 6)).toEqual(['*Star* & Sons', '1,000', '█'.repeat(14), 'Small', '1', '█']);
  });

  test('has no chart where nobody has a licence', () => {
    expect(shown({ ...summary, largest: [] }, { readers: 'one' })).not.toContain('Most licences in use');
  });

  test('names the largest changes and counts the rest', () => {
    const fresh = { count: 12, largest: [{ name: '[New](http://x)', before: 0, now: 4 }] };
    const up = { count: 1, largest: [{ name: 'Up', before: 1_000, now: 1_500 }] };
    const down = { count: 1, largest: [{ name: 'x'.repeat(300), before: 9, now: 2 }] };
    const against = { bill: before, totals: counts(0), fresh, gone: none, up, down };
    const words = shown({ ...summary, against }, { readers: 'one' }).map((text) => text.replaceAll('⚑', ''));
    expect(words).toContain('New: 12 · [New](http://x) (4) · and 11 more');
    expect(words).toContain('More licences: 1 · Up +500 (1,000 → 1,500)');
    expect(words).toContain(`Fewer licences: 1 · ${'x'.repeat(60)}… −7 (9 → 2)`);
    expect(words.join()).not.toContain('Gone');
  });

  test.each([
    ['channel' as const, 'Everybody in this channel can read this bill.'],
    ['groupChat' as const, 'Everybody in this chat can read this bill.'],
  ])('in a %s says who can read it', (readers, words) => expect(shown(summary, { readers }).join()).toContain(words));
});

test('a link says how long it works and for whom', () => {
  const words = (readers: 'one' | 'channel') =>
    textsOf(linkCard('2026-10', 'csv', 'https://bot.example.com/files/a-_b', 15, readers));
  expect(words('one')).toEqual([
    'Bill of October 2026: CSV',
    '[Download billing-2026-10.csv](https://bot.example.com/files/a-_b)',
    'The link works for 15 minutes, for everybody who has it; do not pass it on.',
  ]);
  expect(words('channel')[2]).toBe(
    'The link works for 15 minutes, for everybody who has it: whoever reads this channel, too.',
  );
});

test('no bill says why, and how to try again', () => {
  expect(textsOf(noBillCard('2026-10', 'TeamMate is tired.')).slice(0, 3)).toEqual([
    'No bill of October 2026',
    'TeamMate is tired.',
    'Try again',
  ]);
});
