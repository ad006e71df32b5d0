import { cardProblems } from '../../cards/rules.ts';
import { actionsOf } from '../support/cards.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  channel,
  execute,
  groupChat,
  megan,
  personal,
  stranger,
  submit,
  type TestConversation,
  type TestPerson,
} from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  harness.teams.install(personal(stranger), [stranger]);
});
afterAll(() => harness.close());

interface Refresh {
  action: { verb: string; data: Record<string, unknown> };
  userIds: string[];
}
const refreshOf = ({ card }: Pick<Posted, 'card'>) => card.refresh as Refresh | undefined;
const titles = (card: unknown) => actionsOf(card).map(({ title }) => title);
const nothing = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: '' };

/** What a client of somebody shows in the place of a card that it has made anew. */
async function refresh(by: TestPerson, posted: Posted, more: object = {}) {
  const { data, verb } = refreshOf(posted)!.action;
  return seen(by, verb, { ...data, ...more }, posted);
}
async function seen(
  by: TestPerson,
  verb: string,
  data: object,
  { where, activityId }: Pick<Posted, 'where' | 'activityId'>,
  trigger: 'automatic' | 'manual' = 'automatic',
) {
  const conversation = where as TestConversation;
  const replyTo = activityId ? { replyToId: activityId } : {};
  const { status, body } = await harness.send(execute(by, verb, { ...data }, { ...replyTo, conversation, trigger }));
  expect(status).toBe(200);
  return body as { statusCode: number; type: string; value: Posted['card'] | string };
}

/** Everything that a look must leave as it is. */
async function everything() {
  const count = (table: 'outbox' | 'conversations' | 'people' | 'cards' | 'events' | 'requests') =>
    harness.db
      .selectFrom(table)
      .select((select) => select.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
  return Promise.all((['outbox', 'conversations', 'people', 'cards', 'events', 'requests'] as const).map(count));
}

async function asked() {
  const alex = await harness.join('Alex', 'requester');
  const order = await harness.order(alex);
  const posted = await harness.see(approvals, `Reseller ${order.name}`, 'Approve');
  return { alex, order, posted };
}

describe('the card of a request in the channel of the approvals', () => {
  test('has its buttons for everybody, and is made anew for those who may not click them', async () => {
    const kim = await harness.join('Kim', 'approver');
    const olga = await harness.join('Olga', 'operator');
    const nobody = await harness.join('Nobody');
    for (const person of [kim, olga, nobody]) await harness.type(person, 'help');
    const { alex, posted } = await asked();
    expect(titles(posted.card)).toEqual(['Approve', 'Reject']);
    const { userIds } = refreshOf(posted)!;
    expect(userIds[0]).toBe(alex.id);
    expect(userIds).toEqual(expect.arrayContaining([olga.id, nobody.id]));
    expect(userIds).not.toContain(kim.id);
    expect(userIds).not.toContain(megan.id);
    expect(cardProblems(posted.card)).toEqual([]);
  });

  test('is their own to its requester, who is not shown how to approve it', async () => {
    const { alex, posted } = await asked();
    const own = await refresh(alex, posted);
    expect(titles(own.value)).toEqual(['Change', 'Withdraw']);
    // It goes on being made anew, for them alone.
    expect(refreshOf({ card: own.value as Posted['card'] })?.userIds).toEqual([alex.id]);
    expect(cardProblems(own.value)).toEqual([]);
  });

  test('shows whoever may decide how to, and leaves alone what they write', async () => {
    const kim = await harness.join('Kim', 'approver');
    const { posted } = await asked();
    const own = await refresh(kim, posted);
    expect(titles(own.value)).toEqual(['Approve', 'Reject']);
    expect(refreshOf({ card: own.value as Posted['card'] })).toBeUndefined();
  });

  test('shows everybody else how it stands, without a role too', async () => {
    const { posted, order } = await asked();
    for (const person of [await harness.join('Olga', 'operator'), await harness.join('Nobody')]) {
      const own = await refresh(person, posted);
      expect(titles(own.value)).toEqual([]);
      expect(JSON.stringify(own.value)).toContain(order.name);
    }
  });

  test('shows its requester, who approves other ones, nothing to decide on', async () => {
    const both = await harness.join('Both', 'requester', 'approver');
    const order = await harness.order(both);
    const posted = await harness.see(approvals, `Reseller ${order.name}`, 'Approve');
    expect(refreshOf(posted)?.userIds[0]).toBe(both.id);
    expect(titles((await refresh(both, posted)).value)).toEqual(['Change', 'Withdraw']);
    // Where their client did not refresh, the server refuses, and what they get in answer is their own look.
    const refused = await harness.click(both, posted, 'Approve');
    expect(refused.says).toContain('This is your own request');
    expect(titles(refused.card)).toEqual(['Change', 'Withdraw']);
    expect(titles(harness.now(posted).card)).toEqual(['Approve', 'Reject']);
  });

  test('names those alone who see something else', async () => {
    const { posted, order } = await asked();
    await harness.click(megan, posted, 'Reject', { reason: 'No' });
    const over = await harness.see(approvals, `Reseller ${order.name}`, 'Rejected by');
    // Its requester may ask again; nobody else has anything to click.
    expect(titles(over.card)).toEqual([]);
    expect(refreshOf(over)?.userIds).toHaveLength(1);
  });

  test('names at most sixty people, its requester first', async () => {
    const crowd = Array.from({ length: 80 }, (_, at) => ({
      tenant_id: megan.tenantId,
      directory_id: `crowd-${at}`,
      teams_id: `29:crowd-${at}`,
      name: `Crowd ${at}`,
      seen_at: new Date(Date.now() + at),
    }));
    await harness.db.insertInto('people').values(crowd).execute();
    const { alex, posted } = await asked();
    const { userIds } = refreshOf(posted)!;
    expect(userIds).toHaveLength(60);
    expect(userIds[0]).toBe(alex.id);
    await harness.db.deleteFrom('people').where('directory_id', 'like', 'crowd-%').execute();
  });

  test('names nobody whose id a refresh does not take, as in the Agents Playground', async () => {
    const odd = { ...(await harness.join('Odd', 'requester')), id: 'user-id-0' };
    await harness.type(odd, 'help');
    const { posted } = await asked();
    expect(refreshOf(posted)?.userIds).not.toContain('user-id-0');
  });

  test('in a chat of one’s own is nobody else’s', async () => {
    const { alex, order } = await asked();
    expect(refreshOf(order)).toBeUndefined();
    expect(refreshOf(await harness.type(alex, `status ${order.id}`))).toBeUndefined();
  });

  test('that was asked for by typing is everybody’s own too', async () => {
    const { alex, order } = await asked();
    const place = channel('Sales');
    harness.teams.install(place, [alex, megan]);
    const posted = await harness.type(alex, `status ${order.id}`, place);
    expect(titles(posted.card)).toEqual(['Change', 'Withdraw']);
    expect(refreshOf(posted)?.userIds).toContain(megan.id);
    expect(titles((await refresh(megan, posted)).value)).toEqual(['Approve', 'Reject']);
  });
});

describe('a look', () => {
  test('writes nothing, sends nothing, and remembers nobody', async () => {
    const { alex, posted } = await asked();
    await harness.type(alex, 'help');
    const late = await harness.join('Late');
    const before = await everything();
    const calls = harness.teams.calls.length;
    await refresh(alex, posted);
    await refresh(late, posted);
    await seen(late, 'view', { id: 'nonsense' }, posted);
    expect(await everything()).toEqual(before);
    expect(harness.teams.calls).toHaveLength(calls);
  });

  test.each(['approve', 'refresh', 'submit', 'run', ''])('with the verb “%s” does nothing', async (verb) => {
    const { posted, order } = await asked();
    const answer = await seen(megan, verb, { id: order.id, version: 1, command: 'help' }, posted);
    expect(answer).toEqual(nothing);
    expect(titles(harness.now(posted).card)).toEqual(['Approve', 'Reject']);
  });

  test.each([
    {},
    { id: '' },
    { id: "1' or 1=1" },
    { id: '9'.repeat(40) },
    { id: { a: 1 } },
    { batch: 'x' },
    { id: null },
  ])('at %j is answered with nothing, and by hand with a sentence', async (data) => {
    const { posted } = await asked();
    expect(await seen(megan, 'view', data, posted)).toEqual(nothing);
    expect((await seen(megan, 'view', data, posted, 'manual')).value).toMatch(/\w+\. \w+/);
  });

  test('by somebody without a role shows no card that is posted elsewhere', async () => {
    const { order, posted } = await asked();
    const nobody = await harness.join('Nobody');
    const data = { id: order.id };
    const elsewhere = { where: groupChat('Elsewhere'), activityId: posted.activityId };
    expect(await seen(nobody, 'view', data, elsewhere)).toEqual(nothing);
    expect(await seen(nobody, 'view', data, { ...posted, activityId: '1' })).toEqual(nothing);
    expect(await seen(nobody, 'view', data, { where: approvals, activityId: undefined })).toEqual(nothing);
  });

  test('by another organisation shows nothing, whatever it asks for', async () => {
    const { order, posted } = await asked();
    for (const verb of ['view', 'show-live'])
      for (const data of [{ id: order.id }, { kind: 'request', reference: order.id }]) {
        expect(await seen(stranger, verb, data, { ...posted, where: personal(stranger) })).toEqual(nothing);
        const byHand = await seen(stranger, verb, data, { ...posted, where: personal(stranger) }, 'manual');
        expect(byHand.value).toContain('not set up with TeamMate');
        expect(JSON.stringify(byHand)).not.toContain(order.name);
      }
  });

  test('by an old client is no look: it is refused like any button that is none of ours', async () => {
    const { alex, order } = await asked();
    await harness.send(submit(alex, { verb: 'view', id: order.id }));
    await harness.see(personal(alex), 'another version of the bot');
  });
});

describe('the card of a batch in the channel of the approvals', () => {
  test('is its requester’s own, and the approvers’', async () => {
    const alex = await harness.join('Alex', 'requester');
    const preview = await harness.type(
      alex,
      'add resellers\nname;email;services\nBa One;o@ba.example;pbx\nBa Two;t@ba.example;pbx',
    );
    await harness.press(alex, preview, titles(preview.card).find((title) => /^Submit|^Ask/.test(title))!);
    const posted = await harness.see(approvals, '2 resellers', 'Approve');
    expect(refreshOf(posted)?.userIds[0]).toBe(alex.id);
    expect(titles((await refresh(alex, posted)).value)).toEqual(['Withdraw', 'Show all']);
    expect(titles((await refresh(megan, posted)).value)[0]).toContain('Approve');
    expect(titles((await refresh(await harness.join('Nobody'), posted)).value)).toEqual(['Show all']);
  });
});
