import { catalog } from '../../src/catalog/index.ts';
import type { Known, Thing } from '../../src/catalog/orderable.ts';
import {
  asBefore,
  auditOf,
  changedFields,
  compareFacts,
  editableOf,
  isSame,
  meanwhile,
  orderOf,
} from '../../src/requests/difference.ts';

const reseller = { name: 'Contoso', email: 'ops@contoso.example', services: 'PBX', billingReference: 'B-1' };
const enterprise = {
  name: 'Proseware',
  reseller: '5101',
  email: 'it@proseware.example',
  services: 'PBX',
  regions: '1',
  pbxTypes: '1',
  userLimit: '50',
  musicOnHold: 'true',
};
const thing = (facts: Record<string, string>): Thing => ({
  kind: 'enterprise',
  reference: '5901',
  name: 'Proseware',
  active: true,
  suspended: false,
  facts,
});
/** Lists in which everything has the name that is given. */
const lists = (name: string): Known => ({
  tenantId: 'a-tenant',
  thing: async (kind, reference) => ({ ...thing({ services: 'PBX' }), kind, reference, name }),
  things: async () => [],
});

describe('what is different', () => {
  test.each([
    ['nothing', {}, []],
    ['a value', { billingReference: 'B-2' }, ['billingReference']],
    ['a value taken away', { billingReference: '' }, ['billingReference']],
    ['the order of a choice: nothing', { services: ' PBX' }, []],
    [
      'two, in the order of the form',
      { billingReference: 'B-2', email: 'new@contoso.example' },
      ['email', 'billingReference'],
    ],
    ['what may not be changed: nothing', { name: 'Fabrikam' }, []],
  ])('%s', (_, more, expected) => {
    const after = orderOf('reseller', { ...reseller, ...more });
    expect(changedFields('reseller', orderOf('reseller', reseller), after)).toEqual(expected);
  });

  test('is told by the lines of its card, and the rest is told to stay', () => {
    const after = orderOf('enterprise', {
      ...enterprise,
      userLimit: '',
      accessSipData: 'true',
      sipDataReason: 'Audit',
    });
    const { changed, unchanged } = compareFacts('enterprise', orderOf('enterprise', enterprise), after);
    expect(changed).toEqual([
      { title: 'User Limit', before: '50', after: 'Unlimited' },
      { title: 'Access SIP Data', before: 'No', after: 'Yes: Audit' },
    ]);
    expect(unchanged).toContainEqual({ title: 'PBX Music on Hold', value: 'Yes' });
  });

  test('is not that something it refers to got another name', async () => {
    const facts = { ...enterprise, userLimit: '60' };
    const before = await asBefore(lists('Old Name'), 'enterprise', thing(enterprise));
    const now = await asBefore(lists('New Name'), 'enterprise', thing(facts));
    expect(meanwhile('enterprise', before, now)).toBe('User Limit: 50 → 60');
    expect(isSame('enterprise', before, await asBefore(lists('New Name'), 'enterprise', thing(enterprise)))).toBe(true);
    expect(isSame('enterprise', before, now)).toBe(false);
    expect(isSame('enterprise', before, { ...before, suspended: true })).toBe(false);
  });

  test('is never a secret: it is not asked for, not kept, and not told', () => {
    const { email } = catalog.reseller.fields;
    const input = email!.input;
    try {
      email!.input = 'secret';
      expect(editableOf('reseller')).toEqual(['services', 'billingReference']);
      const after = orderOf('reseller', { ...reseller, email: 'secret@contoso.example', billingReference: 'B-2' });
      const before = { order: orderOf('reseller', reseller), suspended: false };
      expect(auditOf({ kind: 'reseller', operation: 'edit', before, content: after })).toEqual({
        before: { billingReference: 'B-1' },
        after: { billingReference: 'B-2' },
      });
    } finally {
      email!.input = input;
    }
  });
});

test.each([
  ['suspend', false, { before: { standing: 'active' }, after: { standing: 'suspended' } }],
  ['resume', true, { before: { standing: 'suspended' }, after: { standing: 'active' } }],
  ['remove', true, { before: { standing: 'suspended' }, after: { standing: 'removed' } }],
] as const)('the audit trail has of %s how it was and is to be', (operation, suspended, expected) => {
  const content = orderOf('reseller', reseller);
  expect(auditOf({ kind: 'reseller', operation, before: { order: content, suspended }, content })).toEqual(expected);
});
