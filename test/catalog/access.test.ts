import { access } from '../../src/catalog/access.ts';
import { check, type Known } from '../../src/catalog/orderable.ts';
import { wordsIn } from '../../src/language/commands.ts';
import { say } from '../../src/language/say.ts';

const good = { company: 'Northwind', firstName: 'Robin', lastName: 'Kline', email: 'robin@northwind.example' };
const tenantId = 'c0ffee00-1111-4222-8333-444455556666';
const known: Known = { tenantId, thing: async () => undefined, things: async () => [] };

describe('a request for access', () => {
  test.each<[field: string, value: string, says: string]>([
    ['company', '', 'Enter the Company Name.'],
    ['company', '\u200b ', 'The Company Name must be one line without control or invisible characters.'],
    ['company', 'x'.repeat(101), 'The Company Name is too long: use at most 100 characters.'],
    ['firstName', '', 'Enter the First Name.'],
    ['lastName', 'a\nb', 'The Last Name must be one line without control or invisible characters.'],
    ['lastName', 'x'.repeat(65), 'The Last Name is too long: use at most 64 characters.'],
    ['email', '', 'Enter the E-mail: TeamMate’s letters go there.'],
    ['email', 'robin', 'Enter a valid e-mail address, such as ops@contoso.example.'],
  ])('with the %s %j is told so beside it', (field, value, says) => {
    expect(check(access, { ...good, [field]: value })).toMatchObject({ errors: { [field]: says } });
  });

  test('is of the tenant that Teams names, whatever the form says', async () => {
    const checked = check(access, { ...good, tenantId: 'forged' });
    const order = 'order' in checked ? checked.order : {};
    expect(await access.settle?.(order, known)).toEqual({ order: { ...good, tenantId }, errors: {} });
  });

  test('claims the one request its tenant may have, and no e-mail address', () => {
    expect(access.claims({ ...good, tenantId }).map(({ key }) => key)).toEqual([`tenant:${tenantId}`]);
    expect(access.claims(good)).toEqual([]);
  });

  test('can be typed in one line, as its example says, and goes back into its form', () => {
    const parts = say(`commands.${access.command}.usage`).slice(wordsIn('en', access.command)[0].length).split(';');
    expect(access.quick(parts.map((part) => part.trim()))).toEqual(good);
    expect(access.typed({ ...good, tenantId })).toEqual(good);
  });

  test.each(['1', '5002', '9'.repeat(15)])('is approved with the account %s', (account) => {
    expect(access.approval?.check(account)).toBeUndefined();
  });
});
