import { type Event, noticeOf } from '../../src/notify/notices.ts';
import type { Happening, State } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';
import { aPbx } from '../views/a-request.ts';

const at = new Date('2026-03-04T05:06:07Z');
const when = '{{DATE(2026-03-04T05:06:07Z, SHORT)}} {{TIME(2026-03-04T05:06:07Z)}}';

const request = (state: State, more: Partial<Request> = {}): Request => ({
  id: '1001',
  tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
  kind: 'reseller',
  operation: 'add',
  state,
  version: 1,
  content: { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX'], billingReference: '' },
  name: 'Contoso',
  requester: {
    tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
    directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
    name: 'Alex',
  },
  since: at,
  createdAt: at,
  ...more,
});
const event = (what: Happening, detail: Event['detail'] = {}, actorName: string | undefined = 'Megan'): Event => ({
  id: '1',
  what,
  actorName,
  at,
  detail,
});

/** Who is told, then what: the title and the lines. */
function told(one: Event, about: Request): string[] {
  const notice = noticeOf(one, about);
  return notice ? [notice.to.join(' and '), notice.message.title, ...notice.message.lines] : [];
}

const thing = 'reseller **Contoso**';
const task = { what: 'make' as const, opened: at.toISOString(), portal: 'https://portal.example', hold: 1 };
const trouble = { says: 'TeamMate could not be reached.', next: 'It is tried again.' };

describe('who is told what when a request', () => {
  test.each<[string, Event, Request, string[]]>([
    [
      'is made',
      event('submitted', {}, 'Alex'),
      request('pending'),
      [
        'notifications',
        '⏳ Contoso: approval asked for',
        `Alex asks for the ${thing}. Waiting for an approver since ${when}.`,
      ],
    ],
    [
      'is rejected',
      event('reject', { reason: 'Too expensive' }),
      request('rejected'),
      ['requester and notifications', '⛔ Contoso: rejected', `Megan rejected the ${thing}.`, 'Reason: Too expensive'],
    ],
    [
      'has the customer asked by e-mail',
      event('asked', { by: 'mail', to: 'it@a_b.example', what: 'User Sync, Presence' }),
      request('waiting'),
      [
        'notifications',
        '✉️ Contoso: the customer is asked',
        `For the ${thing}, an e-mail with the links went to it@a\\_b.example: User Sync, Presence.`,
      ],
    ],
    [
      'has the customer asked by whoever made it',
      event('asked', { by: 'chat', to: 'it@a.example', what: 'Presence' }),
      request('waiting'),
      [
        'notifications',
        '✉️ Contoso: the customer is asked',
        `For the ${thing}, whoever asked has the links in their chat, to forward to it@a.example: Presence.`,
      ],
    ],
    [
      'takes longer than it should',
      event('overdue', { says: 'Microsoft has had 36 hours.' }),
      request('waiting'),
      [
        'requester and notifications',
        '⏰ Contoso: takes longer than it should',
        `The ${thing} is late.`,
        'Microsoft has had 36 hours.',
      ],
    ],
    [
      'is withdrawn',
      event('withdraw', {}, 'Alex'),
      request('withdrawn'),
      ['notifications', '↩️ Contoso: withdrawn', `Alex withdrew the ${thing}.`],
    ],
    [
      'is created in TeamMate',
      event('created'),
      request('waiting', { reference: '6001' }),
      [
        'notifications',
        '⏳ Contoso: waiting for activation',
        `TeamMate has created the ${thing}. Waiting for ops@contoso.example to activate, since ${when}.`,
      ],
    ],
    [
      'is created by an operator',
      event('created', {}, 'Olga'),
      request('waiting', { reference: '6001', task: { ...task, what: 'confirm' } }),
      [
        'notifications',
        '⏳ Contoso: waiting for activation',
        `Olga has created the ${thing} in TeamMate. Waiting for ops@contoso.example to activate, since ${when}.`,
      ],
    ],
    [
      'is a task that nobody does',
      event('reminded'),
      request('provisioning', { task }),
      [
        'tasks and notifications',
        '⏰ Contoso: still waiting',
        `The ${thing} is waiting for an operator to create it in TeamMate’s portal, since ${when}.`,
      ],
    ],
    [
      'is to have its e-mail sent again by an operator',
      event('resend-asked', {}, 'Alex'),
      request('waiting', { task: { ...task, what: 'confirm' } }),
      [
        'tasks',
        '✉️ Contoso: e-mail to be sent again',
        `Alex asks for it: Resend activation e-mail, of the ${thing}. Do it in TeamMate’s portal, then click Sent again on its card.`,
      ],
    ],
    [
      'is activated',
      event('activated'),
      request('active', { reference: '6001' }),
      [
        'requester and notifications',
        '✅ Contoso is active',
        'Contoso can sign in to TeamMate and add enterprises now.',
      ],
    ],
    [
      'fails',
      event('fail', trouble),
      request('failed'),
      [
        'requester and notifications',
        '❌ Contoso: failed',
        `The ${thing} could not be provisioned.`,
        trouble.says,
        trouble.next,
      ],
    ],
    [
      'expires before anybody decided',
      event('expire'),
      request('expired'),
      ['requester and notifications', '⌛ Contoso: expired', `Nobody decided on the ${thing} in time.`],
    ],
    [
      'expires before anybody activated it',
      event('expire'),
      request('expired', { reference: '6001' }),
      [
        'requester and notifications',
        '⌛ Contoso: expired',
        `Nobody activated the ${thing} in time. It is no longer followed.`,
      ],
    ],
    [
      'is reminded of while it is pending',
      event('reminded'),
      request('pending'),
      ['approvals', '⏰ Contoso: still waiting', `The ${thing} is waiting for an approver, since ${when}.`],
    ],
    [
      'is reminded of while it waits for its activation',
      event('reminded'),
      request('waiting', { reference: '6001' }),
      [
        'requester and notifications',
        '⏰ Contoso: still waiting',
        `The ${thing} is waiting for ops@contoso.example to activate, since ${when}.`,
      ],
    ],
    [
      'has its e-mail sent again',
      event('resent'),
      request('waiting', { reference: '6001' }),
      [
        'notifications',
        '✉️ Contoso: e-mail sent again',
        `Still waiting for ops@contoso.example to activate, since ${when}.`,
      ],
    ],
    [
      'meets trouble for the first time',
      event('troubled', { ...trouble, attempt: 1, nextTry: at.toISOString() }),
      request('provisioning'),
      ['notifications', '⚠️ Contoso: TeamMate does not answer as it should', trouble.says, trouble.next],
    ],
    [
      'is in trouble that nobody tries to get it out of',
      event('troubled', { ...trouble }),
      request('waiting'),
      ['notifications', '⚠️ Contoso: TeamMate does not answer as it should', trouble.says, trouble.next],
    ],
    [
      'meets the same trouble again',
      event('troubled', { ...trouble, attempt: 2, nextTry: at.toISOString() }),
      request('provisioning'),
      [],
    ],
    ['is approved, which its cards show', event('approve'), request('approved'), []],
    ['is begun, which its cards show', event('start'), request('provisioning'), []],
    ['is tried again, which its cards show', event('retry'), request('approved'), []],
    ['is to have its e-mail sent again, which is told once it was', event('resend-asked'), request('waiting'), []],
    ['is out of its trouble, which its cards show', event('cleared'), request('waiting'), []],
  ])('%s', (_, one, about, says) => {
    expect(told(one, about)).toEqual(says);
  });
});

describe('who is told what when a PBX', () => {
  const pbx = (state: State, more: Partial<Request> = {}) =>
    request(state, { kind: 'pbx', content: aPbx, name: 'Head Office', ...more });
  const it = 'PBX **Head Office**';
  const asked = (who: string) => [
    'notifications',
    '⏳ Head Office: approval asked for',
    `${who} asks for the ${it}. Waiting for an approver since ${when}.`,
  ];

  test.each<[string, Event, Request, string[]]>([
    ['is asked for, and checked first', event('submitted', {}, 'Alex'), pbx('checking'), []],
    ['is found to be in order', { ...event('passed'), actorName: undefined }, pbx('pending'), asked('Alex')],
    ['is asked for in spite of its check', event('insist', {}, 'Alex'), pbx('pending'), asked('Alex')],
    [
      'is stopped by its check',
      { ...event('stopped'), actorName: undefined },
      pbx('unready'),
      [
        'requester',
        '⚠️ Head Office: the check found something',
        `Nobody was asked to approve the ${it} yet. Its card says what to mend.`,
      ],
    ],
    ['is checked again, which its cards show', event('check'), pbx('checking'), []],
    [
      'is reminded of while it is to be mended',
      event('reminded'),
      pbx('unready'),
      [
        'requester',
        '⏰ Head Office: still waiting',
        `The ${it} is waiting for Alex to mend what the check found, since ${when}.`,
      ],
    ],
    [
      'expires before it was mended',
      event('expire', { reason: 'What its check found was not mended.' }),
      pbx('expired'),
      [
        'requester and notifications',
        '⌛ Head Office: expired',
        `Nobody decided on the ${it} in time. What its check found was not mended.`,
      ],
    ],
    [
      'loses its registration',
      event('lost', { reason: 'The PBX answered *403*.' }),
      pbx('active', { reference: '6001' }),
      [
        'notifications',
        '🔴 Head Office: registration lost',
        `The ${it} is no longer registered: The PBX answered \\*403\\*.`,
      ],
    ],
    [
      'is registered again',
      event('regained'),
      pbx('active', { reference: '6001' }),
      ['notifications', '🟢 Head Office: registered again', `The ${it} is registered again.`],
    ],
  ])('%s', (_, one, about, says) => {
    expect(told(one, about)).toEqual(says);
  });
});

describe('a notice', () => {
  test('shows what people wrote as they wrote it, never as formatting, links or mentions', () => {
    const nasty = '**Bold** [click](https://evil.example) <at>All</at> {{DATE(2020-01-01T00:00:00Z)}}';
    const about = request('rejected', { name: nasty });
    const all = told(event('reject', { reason: nasty }, nasty), about).join('\n');
    // The name in the title and in the sentence, the person, and the reason.
    expect(all.match(/\\\*\\\*Bold/g)).toHaveLength(4);
    for (const sign of ['[click', '<at>', '{{DATE(2020'])
      expect(all).not.toMatch(new RegExp(`(^|[^\\\\])${escaped(sign)}`));
  });

  test('has a button that shows the request, and says which one to who cannot see the card', () => {
    const { message } = noticeOf(event('activated'), request('active')) as { message: { actions: unknown[] } };
    expect(message.actions).toEqual([
      expect.objectContaining({ title: 'Show', tooltip: 'Show R-1001', data: { verb: 'show', id: '1001' } }),
    ]);
  });
});

const escaped = (sign: string) => sign.replace(/[[{<(]/g, '\\$&');
