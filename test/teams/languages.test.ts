import { textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, megan } from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('language', () => {
  test('says what is spoken, and offers the others as buttons', async () => {
    const card = await harness.type(alex, 'language');
    expect(card.says).toContain('English here');
    expect(textsOf(card.card).join(' ')).toContain('Language');
  });

  test.each([
    ['deutsch', 'Deutsch'],
    ['GERMAN', 'Deutsch'],
    ['fr', 'Français'],
    ['ja-JP', '日本語'],
  ])('%s is understood', async (said, name) => {
    expect((await harness.type(alex, `language ${said}`)).says).toContain(name);
    expect((await harness.type(alex, 'sprache')).says).toContain(name);
    await harness.type(alex, 'language auto');
  });

  test('of a chat follows Teams again after auto', async () => {
    await harness.type(alex, 'language de');
    await harness.type(alex, 'language auto');
    expect((await harness.type(alex, 'language')).says).toContain('English');
  });

  test('that is none is refused with those there are', async () => {
    expect((await harness.type(alex, 'language klingon')).says).toContain('There is no language “klingon”');
  });

  test('of a channel is chosen by those with a role, for what is posted there', async () => {
    const stranger = await harness.join('Sam');
    expect((await harness.type(stranger, 'language de', approvals)).says).toContain('This needs the role');
    expect((await harness.type(megan, 'language de', approvals)).says).toContain('Deutsch');
    expect((await harness.type(megan, 'language')).says).toContain('English');
  });

  test('is that of the client until one is chosen', async () => {
    const luis = { ...(await harness.join('Luis')), locale: 'es-MX' };
    expect((await harness.type(luis, 'language')).says).toContain('escribe aquí en: Español');
    await harness.type(luis, 'language fr');
    expect((await harness.type(luis, 'language')).says).toMatch(/bot ici\s: Français/);
  });
});
