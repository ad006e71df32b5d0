import { codes, Refusal } from '../../src/errors.ts';
import { commandButton, plainButton } from '../../src/views/buttons.ts';
import { listCard } from '../../src/views/list.ts';
import { messageCard, refusalCard } from '../../src/views/message.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';

const says = (card: object) => textsOf(card).join('\n');

describe('a message', () => {
  test('has a title, its lines and its buttons', () => {
    const card = messageCard({ title: 'Title', lines: ['one', 'two'], actions: [commandButton('Help', 'help')] });
    expect(says(card)).toMatch(/^Title\none\ntwo\n/);
    expect(actionsOf(card)).toMatchObject([{ title: 'Help', verb: 'run', data: { verb: 'run', command: 'help' } }]);
  });

  test('without buttons has no empty row of them', () => {
    expect(JSON.stringify(messageCard({ title: 'Title', lines: [] }))).not.toContain('ActionSet');
  });
});

describe('a refusal', () => {
  test.each(codes)('%s says what was refused and what to do', (code) => {
    const refusal = new Refusal(code, { who: 'x' });
    expect(says(refusalCard(refusal))).toContain('That was not done');
    expect(says(refusalCard(refusal))).toContain(refusal.says.split('{')[0]);
    expect(says(refusalCard(refusal))).toContain(refusal.next.split('{')[0]);
  });

  test('shows what a person typed as they typed it', () => {
    const card = refusalCard(new Refusal('role-unknown', { role: '*${x}*<b>', roles: 'requester' }));
    expect(says(card)).toContain('There is no role "\\*$\\{x\\}\\*\\<b\\>".');
  });
});

describe('a list', () => {
  test('has rows with a button each, a search and buttons of its own', () => {
    const card = listCard({
      title: 'Resellers',
      intro: 'Two in all.',
      notice: 'Mind the gap.',
      search: { label: 'Search', hint: 'Name', value: 'con' },
      rows: [
        { title: 'Contoso', subtitle: 'Active', actions: [plainButton('Show', { verb: 'show', id: '1' })] },
        { title: 'Fabrikam' },
      ],
      actions: [commandButton('Add', 'add reseller')],
    });
    for (const text of ['Resellers', 'Two in all.', 'Mind the gap.', 'Contoso', 'Active', 'Fabrikam'])
      expect(says(card)).toContain(text);
    expect(inputsOf(card)).toEqual({ search: 'con' });
    expect(actionsOf(card).map(({ title }) => title)).toEqual(['Show', 'Add']);
  });

  test('may be empty', () => {
    expect(says(listCard({ title: 'Resellers', rows: [] }))).toBe('Resellers');
  });
});
