import { languages } from '../../src/language/languages.ts';
import { inLanguage } from '../../src/language/reader.ts';
import { say } from '../../src/language/say.ts';
import { commands } from '../../src/teams/commands.ts';
import { parseCommand, suggest } from '../../src/teams/parse.ts';
import { actionsOf } from '../support/cards.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, megan } from '../support/people.ts';

const parsed = (said: string) => {
  const found = parseCommand(said, commands);
  return found && [found.command.id, found.rest];
};

describe('the words of another language', () => {
  test.each([
    ['hilfe', 'help', ''],
    ['Reseller  anlegen Contoso; a@b.example', 'add-reseller', 'Contoso; a@b.example'],
    ['REIHE', undefined, ''],
    ['ändern Contoso', 'edit', 'Contoso'],
    ['ÄNDERN Contoso', 'edit', 'Contoso'],
    ['言語', 'language', ''],
    ['言語。', 'language', ''],
    ['status R-1001', 'status', 'R-1001'],
  ])('“%s” is %s, whatever is spoken', (said, id, rest) => {
    for (const spoken of languages) expect(inLanguage(spoken, () => parsed(said))).toEqual(id && [id, rest]);
  });

  test('are suggested to those who speak it, and English ones to everybody', () => {
    expect(inLanguage('de', () => suggest('hlife', commands))).toBe('hilfe');
    expect(inLanguage('en', () => suggest('hlife', commands))).toBeUndefined();
    expect(inLanguage('de', () => suggest('wihtdraw R-7', commands))).toBe('withdraw R-7');
  });

  test.each(languages)('what a new organisation is told to type is understood in %s', (spoken) => {
    const told = (what: 'approver' | 'approvals' | 'notifications') =>
      inLanguage(spoken, () => say(`catalog.access.welcome.type.${what}`).replace('@TeamMate ', ''));
    expect(parsed(told('approver'))?.[0]).toBe('grant');
    expect(parsed(told('approvals'))?.[0]).toBe('route');
    expect(parsed(told('notifications'))?.[0]).toBe('route');
  });

  test.each(languages)('examples in %s are understood', (spoken) => {
    for (const { id } of commands)
      inLanguage(spoken, () => {
        const { usage } = commands.find((one) => one.id === id)!;
        // Of several examples, the first.
        expect(parsed(usage.split(/[,、]/)[0] ?? '')?.[0]).toBe(id);
      });
  });
});

describe('in a chat in German', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  test('help names the German words, and its buttons do what they say', async () => {
    await harness.type(alex, 'sprache deutsch');
    const help = await harness.type(alex, 'hilfe');
    expect(help.says).toContain('**reseller anlegen** · Beantragt einen neuen Reseller');
    const button = actionsOf(help.card).find(({ title }) => title === 'reseller anlegen');
    expect(button).toMatchObject({ data: { verb: 'run', command: 'add reseller' } });
    const more = await harness.type(alex, 'hilfe reseller anlegen');
    expect(more.says).toContain('reseller anlegen Contoso; ops@contoso.example; pbx, trunk; B-77');
    expect(more.says).toContain('neuer reseller, reseller hinzufügen, add reseller');
  });

  test('what is misspelt is guessed in German, as a button that works', async () => {
    const asked = await harness.type(alex, 'reseler anlegen');
    expect(asked.says).toContain('reseller anlegen');
    expect(actionsOf(asked.card)[0]).toMatchObject({ data: { verb: 'run', command: 'reseller anlegen' } });
  });

  test('typing it does not change the language of another chat', async () => {
    expect((await harness.type(megan, 'offen', approvals)).says).toContain('Waiting for approval');
  });
});
