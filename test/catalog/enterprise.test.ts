import { type EnterpriseOrder, enterprise } from '../../src/catalog/enterprise.ts';
import { check, mostChoices } from '../../src/catalog/orderable.ts';
import { aKnown, aThing } from './a-known.ts';

const known = aKnown([
  aThing('reseller', '5101', 'Fabrikam', { facts: { services: 'PBX,TRUNK' } }),
  aThing('reseller', '5102', 'Adventure Works', { facts: { services: 'PBX' } }),
  aThing('reseller', '5103', 'Sleepy', { active: false, facts: { services: 'PBX' } }),
  aThing('reseller', '5104', 'Resting', { suspended: true, facts: { services: 'PBX' } }),
  aThing('sbc-region', '1', 'US East 1'),
  aThing('sbc-region', '2', 'UK South'),
  aThing('pbx-type', '1', 'Netsapiens'),
  aThing('pbx-type', '2', 'Old One', { active: false }),
]);

const good = {
  reseller: '5101',
  name: 'Proseware',
  email: 'it@proseware.example',
  services: 'PBX',
  regions: '1,2',
  pbxTypes: '1',
};

/** The order a form makes, with every error in it, as the bot looks at it. */
async function looked(typed: Record<string, unknown>) {
  const checked = check(enterprise, { ...good, ...typed });
  const settled = await enterprise.settle!('order' in checked ? checked.order : checked.valid, known);
  return {
    errors: { ...settled.errors, ...('errors' in checked && checked.errors) },
    order: settled.order as EnterpriseOrder,
  };
}

describe('a good form', () => {
  test('becomes an order that knows the names of what was chosen by id', async () => {
    const { errors, order } = await looked({});
    expect(errors).toEqual({});
    expect(order).toMatchObject({ reseller: '5101', regions: ['1', '2'], pbxTypes: ['1'], accessSipData: false });
    expect(Object.fromEntries(enterprise.facts(order).map(({ title, value }) => [title, value]))).toMatchObject({
      Reseller: 'Fabrikam',
      'SBC Region': 'US East 1, UK South',
      'PBX Type': 'Netsapiens',
      'User Limit': 'Unlimited',
      'Access SIP Data': 'No',
    });
  });

  test('can be filled in again as it was typed', async () => {
    const { order } = await looked({ musicOnHold: 'true', userLimit: '25', billingReference: 'B-7' });
    const again = await looked(enterprise.typed(order));
    expect(again).toEqual({ errors: {}, order });
  });

  test.each<[what: string, typed: Record<string, unknown>, order: Partial<EnterpriseOrder>]>([
    ['a trunk alone needs no PBX type', { services: 'TRUNK', pbxTypes: '' }, { pbxTypes: [] }],
    ['and keeps none that was ticked before', { services: 'TRUNK' }, { pbxTypes: [] }],
    ['a reason without access to SIP data is not kept', { sipDataReason: 'Fraud' }, { sipDataReason: '' }],
    ['a reason with it is', { accessSipData: 'true', sipDataReason: 'Fraud' }, { sipDataReason: 'Fraud' }],
    ['a toggle that is left out is off', { musicOnHold: undefined }, { musicOnHold: false }],
    ['anything but true is off', { musicOnHold: 'on' }, { musicOnHold: false }],
  ])('%s', async (_, typed, order) => {
    expect(await looked(typed)).toMatchObject({ errors: {}, order });
  });
});

describe('a mistake stands beside its field and says what to do', () => {
  test.each<[field: string, typed: Record<string, unknown>, says: string]>([
    ['reseller', { reseller: '' }, 'Choose the reseller'],
    ['reseller', { reseller: undefined }, 'Choose the reseller'],
    ['reseller', { reseller: '9999' }, 'Choose the reseller'],
    ['reseller', { reseller: '5103' }, 'Sleepy is not active in TeamMate'],
    ['reseller', { reseller: '5104' }, 'Resting is not active in TeamMate'],
    ['name', { name: ' ' }, 'Enter the Enterprise Name.'],
    ['name', { name: 'x'.repeat(101) }, 'at most 100 characters'],
    ['email', { email: 'it' }, 'Enter a valid e-mail address'],
    ['services', { services: '' }, 'Choose at least one service.'],
    ['services', { services: 'FAX' }, 'Choose from PBX Connector and SIP Trunk.'],
    ['services', { reseller: '5102', services: 'PBX,TRUNK' }, 'Adventure Works does not sell SIP Trunk'],
    ['regions', { regions: '' }, 'two or more are advised'],
    ['regions', { regions: '1,77' }, 'does not offer the SBC Region “77”'],
    ['pbxTypes', { pbxTypes: '' }, 'Choose at least one PBX Type'],
    ['pbxTypes', { pbxTypes: '2' }, 'does not offer the PBX Type “2”'],
    ['pbxTypes', { pbxTypes: undefined }, 'Choose at least one PBX Type'],
    ['userLimit', { userLimit: '0' }, 'whole number from 1 to 1000000'],
    ['userLimit', { userLimit: '1.5' }, 'whole number from 1 to 1000000'],
    ['userLimit', { userLimit: '1000001' }, 'whole number from 1 to 1000000'],
    ['userLimit', { userLimit: 'many' }, 'whole number from 1 to 1000000'],
    ['sipDataReason', { accessSipData: 'true' }, 'they are personal data'],
    ['billingReference', { billingReference: 'a\nb' }, 'one line'],
  ])('%s: %p', async (field, typed, says) => {
    const { errors } = await looked(typed);
    expect(errors[field]).toContain(says);
    expect(Object.keys(errors)).toEqual([field]);
  });
});

describe('what it chooses from', () => {
  test('are the active resellers, and the regions and PBX types on offer', async () => {
    const choices = await enterprise.choices!({}, known);
    expect(choices.reseller).toEqual({
      choices: [
        { value: '5101', title: 'Fabrikam' },
        { value: '5102', title: 'Adventure Works' },
      ],
    });
    expect(choices.regions?.choices).toHaveLength(2);
    expect(choices.pbxTypes?.choices).toEqual([{ value: '1', title: 'Netsapiens' }]);
  });

  test('are only the services its reseller sells, once the reseller is known', async () => {
    expect((await enterprise.choices!({}, known)).services?.choices).toHaveLength(2);
    const choices = await enterprise.choices!({ reseller: '5102' }, known);
    expect(choices.services?.choices).toEqual([{ value: 'PBX', title: 'PBX Connector' }]);
  });

  test('is searched as one types when there are too many for a card; what is chosen is always among them', async () => {
    const many = Array.from({ length: mostChoices + 5 }, (_, at) => aThing('reseller', `${at}`, `Reseller ${at}`));
    const last = `${mostChoices + 4}`;
    const { reseller } = await enterprise.choices!({ reseller: last }, aKnown(many));
    expect(reseller?.search).toBe('reseller');
    expect(reseller?.choices).toHaveLength(mostChoices + 1);
    expect(reseller?.choices[0]).toEqual({ value: last, title: `Reseller ${last}` });
  });
});

describe('what an approver should think about', () => {
  test.each<[typed: Record<string, string>, advice: string[]]>([
    [{}, []],
    [{ regions: '1' }, ['Only one SBC Region is chosen']],
    [{ accessSipData: 'true', sipDataReason: 'Fraud' }, ['Access SIP Data is asked for: Fraud']],
  ])('%p: %p', async (typed, advice) => {
    const { order } = await looked(typed);
    expect(enterprise.advice!(order)).toEqual(advice.map((text) => expect.stringContaining(text)));
  });
});
