import { languageNames } from '../../src/language/languages.ts';
import { seed } from '../../src/simulator/seed.ts';
import { commands } from '../../src/teams/commands.ts';
import { inMarks, marked, strange, textsOf } from '../language/marks.ts';
import { actionsOf } from '../support/cards.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import { alex, megan, personal, type TestPerson } from '../support/people.ts';

/** Reads the language of marks: what the bot says to them and comes from no catalogue stands out. */
const reader = { locale: 'ja-JP' };

let harness: Harness;
let kim: TestPerson;
beforeAll(async () => {
  inMarks(() => undefined);
  harness = await startHarness();
  kim = { ...(await harness.join('Kim', 'requester', 'approver', 'administrator', 'operator')), ...reader };
});
afterAll(() => harness.close());

/** What people are called, and things in TeamMate; the languages, by themselves. */
const names = new RegExp(
  [
    ...seed().resellers.flatMap(({ resellerName, preferredEmail }) => [preferredEmail, resellerName]),
    ...['NW-', 'Netsapiens', 'PortaSwitch', 'RingLogix', 'United Cloud', 'Viirtue', 'TeamMate'],
    ...['Kim', 'Alex Reseller', 'Megan Approver', 'Approvals', 'Reseller No', ...Object.values(languageNames)],
  ].join('|'),
  'gi',
);
/** What a card says that comes from no catalogue, nor from what was typed. */
const unsaid = ({ card }: Pick<Posted, 'card'>, typed = '') =>
  textsOf(card)
    .flatMap((text) => strange(text.replace(names, ' ')))
    .filter((words) => !typed.includes(words));

describe('whatever is said in a chat comes from the catalogues', () => {
  const alone = commands
    // The bill comes in a post of its own.
    .filter(({ id, outside }) => !outside && id !== 'billing')
    .map(({ words }) => words.en[0] ?? '');

  test.each([
    ...alone,
    ...[
      'help status',
      'help grant',
      'qwertz',
      '',
      'find contoso',
      'find fabrikam',
      'show contoso',
      'show R-1',
      'status R-1',
    ],
    ...[
      'grant qwertz',
      'grant approver qwertz',
      'grant approver 11111111-dddd-4ddd-8ddd-dddddddddddd',
      'revoke approver',
    ],
    ...['grant approver group qwertz', 'route qwertz', 'route approvals here', 'audit verify', 'audit R-1', 'batch 1'],
    ...['list resellers contoso', 'list resellers qwertz', 'edit fabrikam', 'edit qwertz', 'suspend reseller qwertz'],
    ...['language klingon', 'language ja', 'billing qwertz', 'billing january 2100', 'learn qwertz'],
  ])('“%s”', async (said) => {
    const echoed = alone.includes(said) ? '' : said;
    expect(unsaid(await harness.type(kim, said), echoed)).toEqual([]);
  });

  test('so does what a button says', async () => {
    const form = await harness.type(kim, 'add reseller');
    const cancelled = await harness.click(kim, form, marked('Cancel'));
    expect(unsaid(cancelled)).toEqual([]);
    const help = await harness.type(kim, 'help');
    expect(actionsOf(help.card).map(({ data }) => data.command)).toContain('add reseller');
  });
});

test('each place is told of a request in its own language, whoever speaks', async () => {
  await harness.type({ ...megan, ...reader }, 'language ja', approvals);
  const { id, name } = await harness.order(alex);
  const asked = await harness.see(approvals, name, marked('Pending'));
  expect(unsaid(asked)).toEqual([]);
  await harness.click(megan, asked, marked('Reject'), { reason: '12345' });
  const told = await harness.see(approvals, `R-${id}`, marked('rejected the'));
  expect(unsaid(told)).toEqual([]);
  expect((await harness.see(personal(alex), `R-${id}`, 'Megan Approver rejected the')).says).toContain('Reason: 12345');
});
