import { type Event, noticeOf } from '../../src/notify/notices.ts';
import type { ChangeForm } from '../../src/requests/changes.ts';
import type { Change, Happening, State } from '../../src/requests/lifecycle.ts';
import { states } from '../../src/requests/lifecycle.ts';
import { type Request, waitingFor } from '../../src/requests/request.ts';
import { changeFormCard } from '../../src/views/change.ts';
import { labelOf, type Reader, requestCard } from '../../src/views/request.ts';
import type { Card } from '../../src/views/templates.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { aRequest } from './a-request.ts';
import { asShown } from './as-shown.ts';

const order = { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX' as const], billingReference: 'B-1' };
const aChange = (operation: Change, state: State, more: Partial<Request> = {}): Request =>
  aRequest(state, {
    operation,
    content: operation === 'edit' ? { ...order, services: ['PBX', 'TRUNK'], billingReference: '' } : order,
    before: { order, suspended: operation === 'resume' },
    reference: '5101',
    ...(operation !== 'edit' && { why: 'Three bills are open' }),
    ...more,
  });
const says = (card: Card) => textsOf(card).map(asShown).join('\n');
const titles = (card: Card) => actionsOf(card).map(({ title }) => title);
/** What stands in two columns: what it is called, and its value. */
const factsOf = (part: unknown): string[][] => {
  if (Array.isArray(part)) return part.flatMap(factsOf);
  if (part === null || typeof part !== 'object') return [];
  const one = part as Record<string, unknown>;
  if (one.type === 'ColumnSet') return [textsOf(one.columns).map(asShown)];
  return Object.values(one).flatMap(factsOf);
};
const changes: Change[] = ['edit', 'suspend', 'resume', 'remove'];

describe('the card of a change', () => {
  test('of values shows each as it was and is to be, and what stays folded away below', () => {
    expect(factsOf(requestCard(aChange('edit', 'pending'), 'approver'))).toEqual([
      ['Services', 'PBX Connector → PBX Connector, SIP Trunk'],
      ['Billing Reference', 'B-1 → —'],
      ['Reseller Name', 'Contoso'],
      ['Preferred Email', 'ops@contoso.example'],
    ]);
  });

  test.each([
    ['suspend', 'Not suspended → Suspended'],
    ['resume', 'Suspended → Not suspended'],
    ['remove', 'Not suspended → Removed'],
  ] as const)('%s shows what it was, is to be, why, and what it means', (operation, standing) => {
    const card = requestCard(aChange(operation, 'pending'), 'approver');
    expect(factsOf(card).slice(0, 3)).toEqual([
      ['State', standing],
      ['Requester’s reason', 'Three bills are open'],
      ['Reseller Name', 'Contoso'],
    ]);
    expect(says(card)).toContain('⚠ ');
  });

  test('is headed by what is asked, and ends by what was done', () => {
    const told = changes.map((operation) => {
      const [title] = textsOf(requestCard(aChange(operation, 'active'), 'reader').body);
      const { icon, label } = labelOf(aChange(operation, 'active'));
      return [title, `${icon} ${label}`, waitingFor(aChange(operation, 'approved'))];
    });
    expect(told).toEqual([
      ['Change of the reseller Contoso', '✅ Changed', 'TeamMate to change it'],
      ['Suspension of the reseller Contoso', '⏸ Suspended', 'TeamMate to suspend it'],
      ['Resumption of the reseller Contoso', '▶️ Resumed', 'TeamMate to resume it'],
      ['Removal of the reseller Contoso', '🗑 Removed', 'TeamMate to remove it'],
    ]);
  });

  test('has its own three steps, all done at the end', () => {
    const card = requestCard(aChange('suspend', 'active'), 'reader');
    expect(textsOf(card.body).filter((text) => ['Request', 'Approval', 'Change', 'Activation'].includes(text))).toEqual(
      ['Request', 'Approval', 'Change'],
    );
    expect(textsOf(card.body).filter((text) => text.trim() === '✔')).toHaveLength(3);
  });

  test('that became void says what was changed meanwhile, and only its requester is offered a new beginning on it', () => {
    const trouble = { code: 'changed-meanwhile', says: 'Services: *PBX* → SMS.', next: 'Start again.' };
    const request = aChange('edit', 'void', { trouble });
    expect(says(requestCard(request, 'approver'))).toContain('Services: *PBX* → SMS. Start again.');
    const by = (audience: Reader) => actionsOf(requestCard(request, audience)).map(({ data }) => data);
    expect(by('approver')).toEqual([]);
    expect(by('requester')).toEqual([{ verb: 'begin-change', operation: 'edit', kind: 'reseller', reference: '5101' }]);
  });

  test('that expired was not approved in time, whatever TeamMate has', () => {
    expect(says(requestCard(aChange('edit', 'expired'), 'reader'))).toContain('Nobody decided in time');
  });

  const buttons: Partial<Record<State, string[]>> = {
    pending: ['Withdraw'],
    failed: ['Retry', 'Withdraw'],
    rejected: ['Start again'],
    withdrawn: ['Start again'],
    expired: ['Start again'],
    void: ['Start again'],
  };
  const reached = states.filter((state) => !['checking', 'unready', 'waiting'].includes(state));
  test.each(reached)('%s, for its requester: the buttons', (state) => {
    for (const operation of changes)
      expect(titles(requestCard(aChange(operation, state), 'requester'))).toEqual(buttons[state] ?? []);
  });
});

describe('what is told of a change', () => {
  const at = new Date('2026-03-04T05:06:07Z');
  const told = (what: Happening, request: Request, detail: Event['detail'] = {}) => {
    const notice = noticeOf({ id: '1', what, actorName: 'Megan', at, detail }, request);
    return notice && [notice.to.join(' and '), notice.message.title, ...notice.message.lines];
  };
  const trouble = { says: 'Meanwhile somebody changed it.', next: 'Start again.' };

  test.each<[Happening, Request, Event['detail'], string[]]>([
    [
      'done',
      aChange('suspend', 'active'),
      {},
      [
        'requester and notifications',
        '⏸ Contoso: suspended',
        expect.stringContaining('The suspension of the reseller **Contoso** is done. Calls of the users'),
      ],
    ],
    [
      'void',
      aChange('edit', 'void'),
      trouble,
      [
        'requester and notifications',
        '🚫 Contoso: void',
        'The change of the reseller **Contoso** is void.',
        trouble.says,
        trouble.next,
      ],
    ],
    [
      'submitted',
      aChange('remove', 'pending'),
      { reason: 'Gone' },
      [
        'notifications',
        '⏳ Contoso: approval asked for',
        expect.stringContaining('Megan asks for the removal of the reseller **Contoso**'),
        'Reason: Gone',
      ],
    ],
    [
      'expire',
      aChange('edit', 'expired'),
      {},
      [
        'requester and notifications',
        '⌛ Contoso: expired',
        'Nobody decided on the change of the reseller **Contoso** in time.',
      ],
    ],
    [
      'fail',
      aChange('edit', 'failed'),
      {},
      [
        'requester and notifications',
        '❌ Contoso: failed',
        'The change of the reseller **Contoso** could not be carried out.',
      ],
    ],
  ])('%s', (what, request, detail, expected) => {
    expect(told(what, request, detail)).toEqual(expected);
  });

  test('void has a button to start again, for whoever reads it', () => {
    const event = { id: '1', what: 'void' as const, actorName: undefined, at, detail: trouble };
    const actions = noticeOf(event, aChange('edit', 'void'))?.message.actions;
    expect(actions?.map(({ title }) => title)).toEqual(['Show', 'Start again']);
  });
});

describe('the form of a change', () => {
  const form = (operation: Change, more: Partial<ChangeForm> = {}): ChangeForm => ({
    operation,
    kind: 'reseller',
    reference: '5101',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    name: '*Contoso*',
    fields: operation === 'edit' ? ['email', 'services'] : operation === 'remove' ? ['why', 'name'] : ['why'],
    typed: { email: 'ops@contoso.example', services: 'PBX' },
    errors: {},
    choices: {},
    ...more,
  });

  test('has what may be changed, as it is now', () => {
    const card = changeFormCard(form('edit'));
    expect(asShown(textsOf(card)[0] as string)).toBe('Edit the reseller *Contoso*');
    expect(inputsOf(card)).toEqual({ email: 'ops@contoso.example', services: 'PBX' });
    expect(titles(card)).toEqual(['Submit', 'Cancel']);
  });

  test('or says what it means and asks why; to remove asks for the name as well', () => {
    const card = changeFormCard(form('suspend'));
    expect(Object.keys(inputsOf(card))).toEqual(['why']);
    expect(says(card)).toContain('⚠ Calls of the users of all its enterprises stop');
    expect(titles(card)).toEqual(['Ask to suspend', 'Cancel']);
    const remove = changeFormCard(form('remove', { errors: { name: 'Type the name as it is: *Contoso*' } }));
    expect(Object.keys(inputsOf(remove))).toEqual(['why', 'name']);
    expect(says(remove)).toContain('⚠ Type the name as it is: *Contoso*');
    expect(says(remove)).toContain('This cannot be undone.');
  });

  test('carries ids and a nonce, and nothing to be trusted', () => {
    const [submit] = actionsOf(changeFormCard(form('edit')));
    expect(submit?.data).toEqual({
      verb: 'submit-change',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      operation: 'edit',
      kind: 'reseller',
      reference: '5101',
    });
  });
});
