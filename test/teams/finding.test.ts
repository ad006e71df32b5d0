import { actionsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import { alex, execute, foreignTenantId, megan, personal, stranger, tenantId } from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  const env = {
    ORGANISATIONS: `${tenantId}=5001,${foreignTenantId}=5002`,
    BOOTSTRAP_ADMINS: `${megan.aadObjectId},${stranger.aadObjectId}`,
  };
  harness = await startHarness({ env });
  harness.teams.install(personal(stranger), [stranger]);
  // What TeamMate already has is fetched in the background.
  while (!(await harness.type(alex, 'list enterprises')).says.includes('Proseware'));
});
afterAll(() => harness.close());

const titles = ({ card }: Posted) => textsOf(card).filter((text) => /^(↳ )?(✅|⏳|⏸|❌)/.test(text));

describe('find', () => {
  test.each([
    ['a part of a name', 'fabri', '✅ Fabrikam'],
    ['a name in other letters', 'LITWARE', '✅ Litware'],
    ['an e-mail address', 'voice@adventure-works.example', '✅ Adventure Works'],
    ['a billing reference', 'NW-1005', '✅ Wide World Importers'],
    ['TeamMate’s id', '5901', '✅ Proseware'],
  ])('by %s', async (_, text, title) => {
    const found = await harness.type(alex, `find ${text}`);
    expect(textsOf(found.card)).toContain(title);
    expect(found.says).toContain('1 found.');
  });

  test('finds things of every kind, and says of what a customer is', async () => {
    const found = await harness.type(alex, 'find NW-1001');
    expect(textsOf(found.card)).toEqual(expect.arrayContaining(['✅ Fabrikam', '✅ Proseware']));
    expect(found.says).toContain('enterprise · of Fabrikam · admin@proseware.example · NW-1001-A · id 5901');
  });

  test('finds what is asked for and not there yet, by its name and by its id', async () => {
    const { id, name } = await harness.order(alex, { billingReference: 'ODD-77' });
    for (const text of [name, `R-${id}`, 'odd-77']) {
      const found = await harness.type(alex, `find ${text}`);
      expect(found.says).toContain(`R-${id} ${name}`);
      expect(found.says).toContain('reseller · Pending · waiting for an approver');
    }
  });

  test.each(['%', '_', '\\', "' or 1=1", '*', '${name}', 'x'.repeat(5000)])(
    '%p is only a text to look for',
    async (text) => {
      const found = await harness.type(alex, `find ${text}`);
      expect(found.says).toContain('Nothing has this');
    },
  );

  test('asks for what, when nothing is written behind it', async () => {
    expect((await harness.type(alex, 'find')).says).toContain('Write what you look for behind it');
  });

  test('of another organisation finds nothing', async () => {
    const answer = await harness.type(stranger, 'find fabrikam', personal(stranger));
    expect(answer.says).toContain('Nothing has this');
  });
});

/** Its gateways, which have Direct Routing. */
const routings = ['US East 1', 'US East 2'].map((region) => `↳ ✅ ${region}`);

describe('show', () => {
  test('shows a thing with all that belongs to it, and who is waited for', async () => {
    const form = await harness.type(
      alex,
      'add enterprise Fabrikam; Coming Soon; it@soon.example; pbx; US East 1; Netsapiens',
    );
    await harness.click(alex, form, 'Submit', {});
    const shown = await harness.type(alex, 'show fabrikam');
    expect(titles(shown)).toEqual(['✅ Fabrikam', '↳ ✅ Proseware', ...routings, '↳ ⏳ Coming Soon']);
    expect(shown.says).toContain('waiting for an approver since');
  });

  test('shows what it belongs to as well, and nothing that stands beside it', async () => {
    const shown = await harness.type(alex, 'show Proseware');
    expect(titles(shown)).toEqual(['✅ Fabrikam', '↳ ✅ Proseware', ...routings]);
  });

  test('shows a request by its id', async () => {
    const { id, name } = await harness.order(alex);
    expect((await harness.type(alex, `show R-${id}`)).says).toContain(`Reseller ${name}`);
  });

  test('of a name that fits several asks which one, each with a button', async () => {
    const several = await harness.type(alex, 'show w');
    expect(several.says).toMatch(/\d found\./);
    const shows = actionsOf(several.card).filter(({ title }) => title === 'Show');
    expect(shows.length).toBeGreaterThan(1);
    const chain = await harness.send(execute(alex, 'chain', shows[0]!.data));
    expect(chain.status).toBe(200);
    await harness.see(personal(alex), 'The whole chain, from its top');
  });

  test.each([
    [{ kind: 'reseller', reference: '999999' }],
    [{ kind: 'roles', reference: '1' }],
    [{ kind: 'reseller', reference: { $ne: '' } }],
  ])('a button with %p is refused in words', async (data) => {
    const before = harness.teams.delivered().length;
    await harness.send(execute(alex, 'chain', { verb: 'chain', ...data }));
    await harness.teams.waitFor((one) => textsOf(one.activity).includes('That was not done'), {
      after: before,
      what: 'a refusal',
    });
  });
});
