import { catalog, entryOf, type Kind } from '../../src/catalog/index.ts';
import { check, type FieldErrors, type Thing, type Typed } from '../../src/catalog/orderable.ts';
import { type PbxOrder, pbx } from '../../src/catalog/pbx.ts';
import { aKnown } from './a-known.ts';

const thing = (kind: Thing['kind'], reference: string, name: string, more: Partial<Thing> = {}): Thing => ({
  kind,
  reference,
  name,
  active: true,
  suspended: false,
  facts: {},
  ...more,
});
const enterprise = (reference: string, name: string, more: Partial<Thing> = {}) =>
  thing('enterprise', reference, name, { facts: { services: 'PBX', pbxTypes: '1,2' }, ...more });
const routed = (parent: string, active = true) =>
  thing('direct-routing', `${parent}-1`, 'US East 1', { parent, active });

const all: Thing[] = [
  enterprise('5901', 'Proseware'),
  routed('5901'),
  enterprise('5902', 'Unrouted'),
  enterprise('5903', 'On Its Way'),
  routed('5903', false),
  enterprise('5904', 'Paused', { suspended: true }),
  routed('5904'),
  enterprise('5905', 'Invited', { active: false }),
  routed('5905'),
  enterprise('5906', 'Trunks Only', { facts: { services: 'TRUNK', pbxTypes: '' } }),
  routed('5906'),
  thing('pbx-type', '1', 'Netsapiens'),
  thing('pbx-type', '2', 'PortaSwitch'),
  thing('pbx-type', '3', 'Viirtue'),
];
const known = aKnown(all);

/** A PBX of a type without a portal. */
const plainOne: Typed = {
  enterprise: '5901',
  pbxType: '2',
  location: 'Head Office',
  lookup: 'A',
  domain: 'sip.proseware.example',
  transport: 'UDP',
  user: 'teammate',
  password: 'secret ',
};
const portal: Typed = {
  pbxType: '1',
  authorizationUrl: 'https://portal.proseware.example/ns-api/oauth2/token/',
  clientId: 'teammate',
  clientSecret: 'client secret',
};

async function outcome(typed: Typed): Promise<{ order: Partial<PbxOrder>; errors: FieldErrors }> {
  const checked = check(pbx, { ...plainOne, ...typed });
  const valid = 'order' in checked ? checked.order : checked.valid;
  const settled = await pbx.settle!(valid, known);
  return { order: settled.order, errors: { ...settled.errors, ...('errors' in checked && checked.errors) } };
}
const long = (length: number) =>
  `${'a'.repeat(63)}.`
    .repeat(4)
    .slice(0, length - 2)
    .concat('.e')
    .slice(-length);

describe('a good form', () => {
  test('becomes an order, with the names of what was chosen', async () => {
    const { order, errors } = await outcome({});
    expect(errors).toEqual({});
    expect(order).toMatchObject({
      location: 'Head Office',
      expiry: '300',
      password: 'secret ',
      names: { 'enterprise 5901': 'Proseware', 'pbx-type 2': 'PortaSwitch' },
    });
  });

  test.each<[what: string, typed: Typed, order: object]>([
    [
      'a host name in capitals is the same one',
      { domain: ' SIP.Proseware.Example ' },
      { domain: 'sip.proseware.example' },
    ],
    ['a host name may be as long as DNS allows', { domain: long(253) }, { domain: long(253) }],
    ['a proxy may be an address', { proxy: '192.0.2.7:5062' }, { proxy: '192.0.2.7:5062' }],
    ['a proxy may have no port, and the port is its', { proxy: 'edge.example', port: '5080' }, { port: '5080' }],
    ['SRV needs no port', { lookup: 'SRV' }, { lookup: 'SRV', port: '' }],
    ['TLS may be on another port', { transport: 'TLS', port: '5061' }, { port: '5061' }],
    ['the shortest expiry', { expiry: '60' }, { expiry: '60' }],
    ['the longest expiry', { expiry: '3600' }, { expiry: '3600' }],
    ['signs in a voicemail code', { voicemail: '*97#' }, { voicemail: '*97#' }],
    [
      'a portal whose last slash was left away',
      { ...portal, authorizationUrl: portal.authorizationUrl!.slice(0, -1) },
      portal,
    ],
    [
      'a login with its password',
      { ...portal, masqueradingLogin: 'a', masqueradingPassword: 'b' },
      { masqueradingPassword: 'b' },
    ],
    [
      'a password without its login is not needed',
      { ...portal, masqueradingPassword: 'b' },
      { masqueradingPassword: undefined },
    ],
    [
      'a portal that the type does not have is not ordered',
      { ...portal, pbxType: '2' },
      { authorizationUrl: '', clientSecret: undefined },
    ],
  ])('%s', async (_, typed, order) => {
    const found = await outcome(typed);
    expect(found.errors).toEqual({});
    expect(found.order).toMatchObject(order);
  });
});

describe('what is wrong stands beside its field', () => {
  test.each<[field: string, typed: Typed, says: string]>([
    ['enterprise', { enterprise: '' }, 'Choose the enterprise'],
    ['enterprise', { enterprise: '99' }, 'Choose the enterprise'],
    ['enterprise', { enterprise: '5902' }, 'Unrouted has no active Direct Routing yet, and a PBX needs it.'],
    ['enterprise', { enterprise: '5903' }, 'On Its Way has no active Direct Routing yet'],
    ['enterprise', { enterprise: '5904' }, 'Paused is suspended'],
    ['enterprise', { enterprise: '5905' }, 'Invited is not registered yet'],
    ['pbxType', { pbxType: '' }, 'Choose the PBX Type'],
    ['pbxType', { ...portal, pbxType: '3' }, 'Proseware was not given Viirtue'],
    ['pbxType', { pbxType: '9' }, 'Choose the PBX Type'],
    ['location', { location: '' }, 'Enter the PBX Location'],
    ['location', { location: 'x'.repeat(65) }, 'at most 64 characters'],
    ['location', { location: 'Head\nOffice' }, 'one line'],
    ['lookup', { lookup: 'MX' }, 'Choose how the PBX is found'],
    ['domain', { domain: '' }, 'Enter the PBX SIP Domain'],
    ['domain', { domain: 'sip.proseware.example:5060' }, 'without a port'],
    ['domain', { domain: 'sip:sip.proseware.example' }, 'is no host name'],
    ['domain', { domain: 'https://sip.proseware.example' }, 'is no host name'],
    ['domain', { domain: 'pbx' }, 'is no host name'],
    ['domain', { domain: '192.0.2.7' }, 'is no host name'],
    ['domain', { domain: '-a.example' }, 'is no host name'],
    ['domain', { domain: 'a..example' }, 'is no host name'],
    ['domain', { domain: 'bücher.example' }, 'is no host name'],
    ['domain', { domain: `${'a'.repeat(64)}.example` }, 'more than 63 characters between its dots'],
    ['domain', { domain: long(254) }, 'at most 253 characters'],
    ['domain', { domain: 'proseware.onmicrosoft.com' }, 'is Microsoft’s'],
    ['domain', { domain: 'sbc.Proseware.OnMicrosoft.com' }, 'is Microsoft’s'],
    ['proxy', { proxy: 'edge.example:0' }, 'from 1 to 65535'],
    ['proxy', { proxy: 'edge.example:65536' }, 'from 1 to 65535'],
    ['proxy', { proxy: 'edge.example:' }, 'from 1 to 65535'],
    ['proxy', { proxy: 'edge.example:5060:1' }, 'from 1 to 65535'],
    ['proxy', { proxy: '999.0.2.7' }, 'go up to 255'],
    ['proxy', { proxy: 'not a host' }, 'is no host name'],
    ['transport', { transport: 'SCTP' }, 'Choose the Transport'],
    ['port', { port: '0' }, 'from 1 to 65535'],
    ['port', { port: '65536' }, 'from 1 to 65535'],
    ['port', { port: 'sip' }, 'from 1 to 65535'],
    ['port', { port: '5060', lookup: 'SRV' }, 'With SRV the DNS says which port'],
    ['port', { port: '5060', lookup: 'NAPTR' }, 'With NAPTR the DNS says which port'],
    ['port', { port: '5060', proxy: 'edge.example:5062' }, 'The proxy has a port of its own'],
    ['expiry', { expiry: '59' }, 'from 60 to 3600'],
    ['expiry', { expiry: '3601' }, 'from 60 to 3600'],
    ['expiry', { expiry: '1e3' }, 'from 60 to 3600'],
    ['voicemail', { voicemail: '12345678901' }, 'up to 10 of the digits'],
    ['voicemail', { voicemail: 'mail' }, 'up to 10 of the digits'],
    ['user', { user: '' }, 'Enter the SIP User'],
    ['user', { user: 'teammate@sip.proseware.example' }, 'before the @'],
    ['user', { user: 'u'.repeat(65) }, 'at most 64 characters'],
    ['authId', { authId: 'a'.repeat(129) }, 'at most 128 characters'],
    ['password', { password: '' }, 'Enter the SIP Password'],
    ['password', { password: 'two\nlines' }, 'one line'],
    ['password', { password: 'p'.repeat(257) }, 'at most 256 characters'],
    ['authorizationUrl', { ...portal, authorizationUrl: '' }, 'this PBX type needs it'],
    ['authorizationUrl', { ...portal, authorizationUrl: 'http://a.example/ns-api/oauth2/token/' }, 'as https://'],
    ['authorizationUrl', { ...portal, authorizationUrl: 'https://a.example/token/' }, 'as https://'],
    ['authorizationUrl', { ...portal, authorizationUrl: 'https://u:p@a.example/ns-api/oauth2/token/' }, 'as https://'],
    [
      'authorizationUrl',
      { ...portal, authorizationUrl: 'https://HOST/ns-api/oauth2/token/' },
      'Put the portal’s host name',
    ],
    ['clientId', { ...portal, clientId: '' }, 'this PBX type needs it'],
    ['clientSecret', { ...portal, clientSecret: '' }, 'this PBX type needs it'],
    ['masqueradingPassword', { ...portal, masqueradingLogin: 'a' }, 'that belongs to the login'],
  ])('%s: %j', async (field, typed, says) => {
    const { errors } = await outcome(typed);
    expect(errors).toEqual({ [field]: expect.stringContaining(says) });
  });

  test('an enterprise without the service is told so, and so is its type', async () => {
    const { errors } = await outcome({ enterprise: '5906' });
    expect(errors.enterprise).toContain('does not have the service PBX Connector');
  });

  test('of all fields at once', async () => {
    const { errors } = await outcome({ domain: 'x', port: 'x', expiry: 'x', user: '', password: '', location: '' });
    expect(Object.keys(errors).sort()).toEqual(['domain', 'expiry', 'location', 'password', 'port', 'user']);
  });
});

describe('what the form is like', () => {
  const fields = (pbxType: string) => pbx.shows!({ pbxType }, known);

  test('it asks for a portal where the type has one', async () => {
    expect(await fields('1')).toContain('clientSecret');
    expect(await fields('3')).toContain('authorizationUrl');
    expect(await fields('2')).not.toContain('clientSecret');
    expect(await fields('2')).toContain('password');
  });

  test('it begins with what is known of the type', async () => {
    expect(await pbx.begins!({ pbxType: '1' }, known)).toEqual({
      lookup: 'SRV',
      transport: 'UDP',
      expiry: '300',
      voicemail: '9901',
      authorizationUrl: 'https://HOST/ns-api/oauth2/token/',
    });
    expect(await pbx.begins!({ pbxType: '2' }, known)).toMatchObject({ lookup: 'A', expiry: '300' });
  });

  test('it offers the types that the enterprise was given', async () => {
    const { pbxType, enterprise } = await pbx.choices!({ enterprise: '5901' }, known);
    expect(pbxType?.choices.map(({ title }) => title)).toEqual(['Netsapiens', 'PortaSwitch']);
    expect(enterprise?.choices.map(({ title }) => title)).not.toContain('Paused');
  });

  test('one line never takes a password, which everybody in the chat would read', () => {
    expect(
      Object.keys(pbx.quick(['Proseware', 'Netsapiens', 'Head Office', 'sip.example', 'user', 'more', 'secret'])),
    ).toEqual(['enterprise', 'pbxType', 'location', 'domain', 'user']);
  });
});

describe('an order', () => {
  const order = async (typed: Typed = {}) => (await outcome({ ...portal, ...typed })).order as PbxOrder;

  test('is its enterprise’s alone: the same location elsewhere is another one', async () => {
    const keyOf = async (typed: Typed) => pbx.claims(await order(typed)).map(({ key }) => key);
    expect(await keyOf({ location: 'HEAD  office' })).toEqual(await keyOf({}));
    expect(await keyOf({ enterprise: '5903' })).not.toEqual(await keyOf({}));
  });

  test.each(['secret ', 'client secret'])('never shows %p, nor gives it back to be changed', async (secret) => {
    const one = await order();
    expect(JSON.stringify([one.password, one.clientSecret])).toContain(secret);
    expect(JSON.stringify([pbx.facts(one), pbx.typed(one), pbx.advice?.(one)])).not.toContain(secret);
  });

  test.each<[typed: Typed, account: object]>([
    [
      {},
      {
        domain: 'sip.proseware.example',
        lookup: 'A',
        transport: 'UDP',
        user: 'teammate',
        password: 'secret ',
        expires: 300,
      },
    ],
    [
      { proxy: 'edge.example:5062', authId: 'auth', lookup: 'SRV' },
      { proxy: 'edge.example:5062', authId: 'auth' },
    ],
    [
      { port: '5080', transport: 'TCP', expiry: '90' },
      { port: 5080, transport: 'TCP', expires: 90 },
    ],
  ])('registers as %j has it', async (typed, account) => {
    expect(pbx.account!(await order(typed))).toMatchObject(account);
  });

  test.each<[typed: Typed, warned: boolean]>([
    [{ transport: 'TLS', port: '5060' }, true],
    [{ transport: 'TLS', proxy: 'edge.example:5060' }, true],
    [{ transport: 'TLS', port: '5061' }, false],
    [{ transport: 'UDP', port: '5060' }, false],
  ])('with %j makes somebody think twice: %p', async (typed, warned) => {
    expect(pbx.advice!(await order(typed)).length > 0).toBe(warned);
  });
});

describe.each(Object.keys(catalog) as Kind[])('what the catalog says of %s', (kind) => {
  const { fields, secrets = [], checked, account, schema } = entryOf(kind);

  test('has as secrets the fields that are typed as such, which the schema knows as others', () => {
    const typedSo = Object.keys(fields).filter((name) => fields[name]?.input === 'secret');
    expect([...secrets].sort()).toEqual(typedSo.sort());
    expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(typedSo));
  });

  test('has something to check with where it is checked', () => {
    expect(account !== undefined).toBe(checked ?? false);
  });
});
