import { catalog } from '../../src/catalog/index.ts';
import type { Task } from '../../src/db/schema.ts';
import { Refusal } from '../../src/errors.ts';
import type { Request } from '../../src/requests/request.ts';
import { cardFor } from '../../src/views/card.ts';
import { taskCard } from '../../src/views/task.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { aRequest } from './a-request.ts';
import { asShown } from './as-shown.ts';

const at = '2025-06-15T12:00:00.000Z';
const opened: Task = { what: 'make', opened: at, portal: 'https://portal.example/', hold: 1 };
const taken: Task = { ...opened, hold: 2, holder: { directoryId: 'x', name: 'Olga *O*', at } };
const task = (state: Request['state'], of: Task, more: Partial<Request> = {}) => aRequest(state, { task: of, ...more });
const says = (request: Request, tried?: Parameters<typeof taskCard>[1]) =>
  textsOf(taskCard(request, tried)).map(asShown).join('\n');
const titles = (request: Request) => actionsOf(taskCard(request)).map(({ title }) => title);

describe('the card of a task', () => {
  test('shows what is to be made, and nothing to copy before somebody has taken it', () => {
    const card = taskCard(task('provisioning', opened));
    expect(inputsOf(card)).toEqual({});
    expect(says(task('provisioning', opened))).toContain('ops@contoso.example');
    expect(titles(task('provisioning', opened))).toEqual(['Take']);
  });

  test('gives who has it each value by itself, as it was typed', () => {
    const content = { name: 'A *b* _c_', email: 'a_b@c.example', services: ['PBX' as const], billingReference: '' };
    const request = task('provisioning', taken, { content });
    expect(inputsOf(taskCard(request))).toEqual({
      copy0: 'A *b* _c_',
      copy1: 'a_b@c.example',
      reference: '',
      reason: '',
    });
    // What is ticked in the portal, or stays empty there, is only read.
    expect(says(request)).toContain('PBX Connector');
    expect(says(request)).toContain('Taken by Olga *O*');
    expect(titles(request)).toEqual(['Done', 'Failed', 'Take over from Olga *O*']);
  });

  test('never shows a secret', () => {
    const fields = catalog.reseller.fields as Record<string, object>;
    const { billingReference } = fields;
    fields.billingReference = { ...billingReference, input: 'secret' };
    try {
      const content = {
        name: 'Contoso',
        email: 'a@b.example',
        services: ['PBX' as const],
        billingReference: 'hunter2',
      };
      for (const one of [opened, taken]) {
        const request = task('provisioning', one, { content });
        expect(JSON.stringify(taskCard(request))).not.toContain('hunter2');
        expect(says(request)).toContain('Not shown here: ask Alex Reseller.');
      }
    } finally {
      fields.billingReference = billingReference as object;
    }
  });

  test.each<[string, Request, string[]]>([
    ['waits', task('waiting', { ...opened, what: 'confirm' }), ['It is active', 'Failed']],
    [
      'has an e-mail to be sent again',
      task('waiting', { ...opened, what: 'confirm', resend: true }),
      ['It is active', 'Sent again', 'Failed'],
    ],
    ['expired', task('expired', { ...opened, what: 'confirm' }, { reference: '6001' }), ['It is active']],
    ['expired before it was made', task('expired', opened), []],
    ['failed', task('failed', taken), []],
    ['is active', aRequest('active'), []],
  ])('offers what is still possible when it %s', (_, request, buttons) => {
    expect(titles(request)).toEqual(buttons);
    expect(inputsOf(taskCard(request))).toEqual(buttons.includes('Failed') ? { reason: '' } : {});
  });

  test('says by which id to find what was made', () => {
    expect(says(task('waiting', { ...opened, what: 'confirm' }))).toContain('TeamMate’s id\n6001');
  });

  test('leads to the portal as long as there is something to do', () => {
    expect(JSON.stringify(taskCard(task('provisioning', opened)))).toContain('"url":"https://portal.example/"');
    expect(JSON.stringify(taskCard(aRequest('active')))).not.toContain('OpenUrl');
  });

  test('says what may be there already', () => {
    const request = task('provisioning', { ...taken, tried: true }, { reference: '6001' });
    expect(says(request)).toContain('A call to TeamMate’s API may have made it already');
    expect(says(request)).toContain('It was reported as 6001 before');
    expect(inputsOf(taskCard(request)).reference).toBe('6001');
  });

  test('asks for no id when something is to be changed', () => {
    const request = task('provisioning', taken, { operation: 'suspend', reference: '6001' });
    expect(inputsOf(taskCard(request))).not.toHaveProperty('reference');
    expect(says(request)).toContain('Suspend this reseller in TeamMate’s portal');
  });

  test('says what is wrong beside its input, once, and keeps what was written', () => {
    const tried = { refusal: new Refusal('reference-unfit', { limit: 64 }), typedReference: 'a/b', typedReason: 'why' };
    const request = task('provisioning', taken);
    expect(inputsOf(taskCard(request, tried))).toMatchObject({ reference: 'a/b', reason: 'why' });
    expect(says(request, tried).split('That is no id')).toHaveLength(2);
    // Where there is no such input it stands above.
    expect(says(task('provisioning', opened), tried)).toContain('That is no id');
  });

  test('is for operators; the others have the request’s own', () => {
    const request = task('provisioning', taken);
    expect(actionsOf(cardFor(request, 'requester'))).toEqual([]);
    expect(cardFor(request, 'operator')).toEqual(taskCard(request));
  });
});
