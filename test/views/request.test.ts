import { AdaptiveCard, SerializationContext } from 'adaptivecards';
import { Refusal } from '../../src/errors.ts';
import { reasonLimit } from '../../src/requests/decisions.ts';
import { type State, states } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';
import { type Reader, requestCard, stateLabels } from '../../src/views/request.ts';
import type { Card } from '../../src/views/templates.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { aPbx, aRequest } from './a-request.ts';
import { asShown } from './as-shown.ts';

const audiences: Reader[] = ['requester', 'approver', 'reader'];
const titles = (card: Card) => actionsOf(card).map(({ title }) => title);
const says = (card: Card) => textsOf(card).join('\n');

/** Every case of a table: each state for each audience. */
const everyCard = states.flatMap((state) => audiences.map((audience) => [state, audience] as const));

/** What adaptivecards itself finds wrong with a card. */
function faultsOf(card: Card): string[] {
  const context = new SerializationContext();
  const parsed = new AdaptiveCard();
  parsed.parse(card, context);
  const parsing = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  return [...parsing, ...parsed.validateProperties().validationEvents.map(({ message }) => message)];
}

describe('the buttons on a request’s card', () => {
  const table: Record<State, Record<'requester' | 'approver', string[]>> = {
    checking: { requester: ['Withdraw'], approver: [] },
    unready: { requester: ['Check again', 'Change', 'Ask anyway', 'Withdraw'], approver: [] },
    void: { requester: ['Ask again'], approver: [] },
    pending: { requester: ['Change', 'Withdraw'], approver: ['Approve', 'Reject'] },
    approved: { requester: [], approver: [] },
    provisioning: { requester: [], approver: [] },
    waiting: { requester: ['Resend activation e-mail'], approver: ['Resend activation e-mail'] },
    active: { requester: [], approver: [] },
    rejected: { requester: ['Ask again'], approver: [] },
    withdrawn: { requester: ['Ask again'], approver: [] },
    expired: { requester: ['Ask again'], approver: [] },
    failed: { requester: ['Retry', 'Change', 'Withdraw'], approver: ['Retry'] },
  };

  test.each(everyCard)('%s, for the %s', (state, audience) => {
    const expected = audience === 'reader' ? [] : table[state][audience];
    expect(titles(requestCard(aRequest(state), audience))).toEqual(expected);
  });

  test.each(['expired', 'withdrawn', 'rejected'] as const)(
    '%s, when TeamMate already has it: it cannot be asked for again',
    (state) => {
      expect(titles(requestCard(aRequest(state, { reference: '6001' }), 'requester'))).toEqual([]);
    },
  );

  test('offer no Resend where there is nothing to send again', () => {
    for (const audience of audiences)
      expect(titles(requestCard(aRequest('waiting', { kind: 'pbx', content: aPbx }), audience))).toEqual([]);
  });

  test('carry the id and the version the reader saw, and nothing to be trusted', () => {
    const card = requestCard(aRequest('pending', { version: 7 }), 'approver');
    expect(actionsOf(card).map(({ data }) => data)).toEqual([
      { verb: 'approve', id: '1001', version: 7 },
      { verb: 'reject', id: '1001', version: 7 },
    ]);
  });

  test.each(everyCard)('%s, for the %s, work in a client too old for Action.Execute', (state, audience) => {
    for (const action of actionsOf(requestCard(aRequest(state), audience)))
      expect(action).toMatchObject({ fallback: { type: 'Action.Submit', title: action.title, data: action.data } });
  });

  test('the reason can be written where it is needed, and only there', () => {
    const withReason = everyCard.filter(
      ([state, audience]) => 'reason' in inputsOf(requestCard(aRequest(state), audience)),
    );
    expect(withReason).toEqual([['pending', 'approver']]);
    expect(JSON.stringify(requestCard(aRequest('pending'), 'approver'))).toContain(`"maxLength":${reasonLimit}`);
  });
});

describe('a request’s card', () => {
  const nasty = '*_`~#[]<>|\\{{DATE(1)}}${x}&lt;"';
  const longest = (sign: string) => sign.repeat(100).slice(0, 100);
  /** Everything in it as long as it can be, made of what takes the most room. */
  const biggest = (state: State, sign: string): Request =>
    aRequest(state, {
      content: {
        name: longest(sign),
        email: `${'a'.repeat(64)}@${'b'.repeat(181)}.example`,
        services: ['PBX', 'TRUNK'],
        billingReference: longest(sign).repeat(2),
      },
      name: longest(sign),
      requester: { tenantId: 't', directoryId: 'd', name: sign.repeat(256 / sign.length) },
      trouble: {
        code: 'x',
        says: sign.repeat(500 / sign.length),
        next: sign.repeat(200 / sign.length),
        attempt: 9,
        nextTry: new Date(0).toISOString(),
      },
      decision: {
        by: 'd',
        name: sign.repeat(256 / sign.length),
        at: new Date(0),
        reason: sign.repeat(reasonLimit / sign.length),
      },
      remindedAt: new Date(0),
      resentAt: new Date(0),
    });

  test.each(everyCard)('%s, for the %s, is a valid card', (state, audience) => {
    expect(faultsOf(requestCard(aRequest(state), audience))).toEqual([]);
  });

  test.each(everyCard)('%s, for the %s, stays under 25 KB with the longest texts', (state, audience) => {
    const refusal = new Refusal('reason-too-long', { length: 4000, limit: reasonLimit });
    for (const sign of ['*', '字', '👩', '"', '\\', '&lt;']) {
      const card = requestCard(biggest(state, sign), audience, { refusal, typedReason: sign.repeat(125) });
      expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(25 * 1024);
    }
  });

  test.each(states)('%s is named by an icon and words, not by a colour alone', (state) => {
    const { icon, label } = stateLabels[state];
    expect(says(requestCard(aRequest(state), 'reader'))).toContain(`${icon} ${label}`);
  });

  test.each(['pending', 'approved', 'provisioning', 'waiting', 'failed'] as const)(
    '%s says who is waited for and since when',
    (state) => {
      expect(says(requestCard(aRequest(state), 'reader'))).toMatch(/Waiting for .+, since \{\{DATE\(2025-06-15/);
    },
  );

  test.each(['active', 'rejected', 'withdrawn', 'expired'] as const)('%s waits for nobody', (state) => {
    expect(says(requestCard(aRequest(state), 'reader'))).not.toContain('Waiting for');
  });

  test('says who decided, and why not', () => {
    expect(says(requestCard(aRequest('waiting'), 'reader'))).toMatch(/Approved by\nMegan Approver/);
    const rejected = says(requestCard(aRequest('rejected'), 'requester'));
    expect(rejected).toMatch(/Rejected by\nMegan Approver/);
    expect(rejected).toMatch(/Reason: Too early/);
  });

  test('says which of the two waits ran out', () => {
    expect(says(requestCard(aRequest('expired'), 'reader'))).toContain('Nobody decided in time');
    expect(says(requestCard(aRequest('expired', { reference: '6001' }), 'reader'))).toContain('Nobody activated it');
  });

  test('says what is in its way and when it is tried again', () => {
    const trouble = {
      code: 'x',
      says: 'No answer.',
      next: 'It is tried again.',
      attempt: 2,
      nextTry: '2025-06-15T12:00:05.000Z',
    };
    const text = says(requestCard(aRequest('provisioning', { trouble }), 'reader'));
    expect(text).toContain('No answer. It is tried again.');
    expect(text).toContain('Attempt 2 did not succeed; the next one is at {{DATE(2025-06-15T12:00:05Z');
  });

  test('shows every person’s text as it was typed', () => {
    const request = aRequest('failed', {
      content: { name: nasty, email: 'ops@contoso.example', services: ['PBX'], billingReference: nasty },
      name: nasty,
      requester: { tenantId: 't', directoryId: 'd', name: nasty },
      decision: { by: 'd', name: nasty, at: new Date(0) },
      trouble: { code: 'x', says: nasty, next: nasty },
    });
    const texts = textsOf(requestCard(request, 'reader')).filter(
      (text) => text.includes('DATE') || text.includes('lt;'),
    );
    // The moments are the bot's own: taken out, nothing that a client would read as more than text is left.
    const rest = texts.map((text) => asShown(text.replace(/\{\{(DATE|TIME)\([^)]*\)\}\}/g, '')));
    expect(rest.join('\n').split(nasty)).toHaveLength(1 + 7);
    expect(rest.join('\n')).not.toContain('⚑');
  });

  describe('after a click that was refused', () => {
    test('stays as it was, with the reason on it', () => {
      const card = requestCard(aRequest('pending'), 'approver', { refusal: new Refusal('own-request') });
      expect(says(card)).toContain('This is your own request');
      expect(titles(card)).toEqual(['Approve', 'Reject']);
    });

    test.each(['reason-missing', 'reason-too-long'] as const)('%s stands beside the reason, which is kept', (code) => {
      const refusal = new Refusal(code, { length: 600, limit: reasonLimit });
      const card = requestCard(aRequest('pending'), 'approver', { refusal, typedReason: '*why* ${not}' });
      expect(says(card)).toContain(`⚠ ${refusal.says}`);
      // An input shows its value as it is.
      expect(inputsOf(card).reason).toBe('*why* ${not}');
    });

    test('escapes what a person’s name brings into the reason', () => {
      const refusal = new Refusal('already-decided', {
        who: '*Megan*',
        what: 'approved',
        when: new Date(0).toISOString(),
      });
      const text = says(requestCard(aRequest('approved'), 'approver', { refusal }));
      expect(text).toContain('Too late: \\*Megan\\* was faster (approved, {{DATE(1970-01-01T00:00:00Z, SHORT)}}');
    });
  });
});

describe('the card of a PBX', () => {
  const card = (state: State, other: Partial<Request> = {}) =>
    asShown(
      says(requestCard(aRequest(state, { kind: 'pbx', content: aPbx, name: 'Head Office', ...other }), 'requester')),
    );
  const steps = [
    { label: 'DNS', state: 'done' as const, says: 'sip.proseware.example has one address; port 5060.' },
    { label: 'Registration', state: 'failed' as const, says: 'The PBX does not take this password. Type it again.' },
  ];

  test('shows what the check found, and what to do about it', () => {
    const shown = card('unready', { progress: { steps } });
    expect(shown).toContain('Waiting for Alex Reseller to mend what the check found');
    expect(shown).toMatch(/✔\s+DNS\s+sip.proseware.example has one address/);
    expect(shown).toMatch(/✖\s+Registration\s+The PBX does not take this password. Type it again./);
  });

  test('says whom a check waits for while it has no turn', () => {
    expect(card('checking')).toContain('Waiting for the check of its settings');
    const progress = { steps, waitingFor: 'its turn to be checked' };
    expect(card('checking', { progress })).toContain('Waiting for its turn to be checked');
  });

  test('warns of what is not wrong while somebody can still think again', () => {
    const content = { ...aPbx, transport: 'TLS' as const, port: '5060' };
    for (const state of ['checking', 'unready', 'pending'] as const)
      expect(card(state, { content })).toContain('⚠ TLS on port 5060 is unusual');
    expect(card('active', { content })).not.toContain('unusual');
  });

  test('says that the registration was lost, since when, and no longer that all is well', () => {
    expect(card('active')).toContain('Head Office of Proseware is registered.');
    const lost = card('active', { lostAt: new Date('2025-06-16T12:00:00.000Z') });
    expect(lost).toContain('⚠ Registration lost');
    expect(lost).toContain('It is no longer registered, since');
    expect(lost).not.toContain('is registered.');
  });
});

describe('the steps on a request’s card', () => {
  const line = (request: Request) => {
    const found = requestCard(request, 'reader').body.find(
      (part) => (part as { type: string }).type === 'RichTextBlock',
    );
    return textsOf(found).join('');
  };

  test.each([
    ['pending', 'Step 2 of 4: ✔\u00a0Request › ●\u00a0Approval › ○\u00a0Creation › ○\u00a0Activation'],
    ['waiting', 'Step 4 of 4: ✔\u00a0Request › ✔\u00a0Approval › ✔\u00a0Creation › ●\u00a0Activation'],
    ['active', '✔\u00a0Request › ✔\u00a0Approval › ✔\u00a0Creation › ✔\u00a0Activation'],
    ['rejected', 'Step 2 of 4: ✔\u00a0Request › ✖\u00a0Approval › ○\u00a0Creation › ○\u00a0Activation'],
  ] as const)('of what is %s are one line that breaks between steps only', (state, steps) => {
    expect(line(aRequest(state))).toBe(steps);
  });
});
