import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/db/open.ts';
import { verify } from '../../src/requests/audit.ts';
import { type Happening, type Move, next, type State } from '../../src/requests/lifecycle.ts';
import { naturalKey } from '../../src/simulator/state.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { type Call, cardOf } from '../support/fake-teams.ts';
import { alex, megan, personal, type TestConversation, tenantId } from '../support/people.ts';
import { approvals, type Bed, longest, makeBed, news, type Seen, says } from './bed.ts';

/** The same seed picks the same moments and pauses again; how far the work has come by then is up to the machine. */
const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1_000_000));
const kills = 12;
const names = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Ginkgo', 'Hazel'];

/**
 * How long a kill waits for what it is to follow. On PostgreSQL a killed node's hold on a conversation and its jobs come
 * free only after ten seconds; some kills wait for that, so that the work gets on. Milliseconds.
 */
const patience = (kill: number) => (kill % 4 === 3 ? 12_000 : 2_500);

/** After the last kill all comes right within this: a node's hold and its jobs are free again long before. Milliseconds. */
const recovery = 40_000;

/** A request as its requester and its approver saw it. */
interface Told {
  id: string;
  name: string;
  email: string;
  /** The form, whose place the live card has taken. */
  own: Seen;
  approval: Seen;
}

let bed: Bed;
let database: Database;
let told: Told[];

beforeAll(
  async () => {
    // Of its own, so that how often people are answered does not change when the kills come.
    const random = mulberry32(seed + 1);
    let begun = false;
    bed = await makeBed(() => begun && random() < 0.3);
    begun = true;
    try {
      told = await tellAndKill();
      await settled();
    } catch (error) {
      // Something did not come; why not, the bot knows better.
      const complaints = bed.bot.complaints.map((line) => JSON.stringify(line)).join('\n  ');
      throw new Error(`${(error as Error).message}\nThe bot’s complaints:\n  ${complaints}`, { cause: error });
    }
    expect(await bed.bot.end('SIGTERM')).toEqual({ code: 0, signal: null });
    database = await bed.database();
  },
  longest + recovery + 30_000,
);

afterAll(async () => {
  await database?.close();
  await bed?.close();
});

describe(`killed ${kills} times in the midst of ${names.length} requests (KILL_SEED=${seed}), the bot`, () => {
  test('keeps every request it has acknowledged, once, and brings it to its end', async () => {
    const rows = await database.db.selectFrom('requests').select(['id', 'name', 'state']).execute();
    const expected = told.map(({ id, name }) => ({ id, name, state: 'active' }));
    expect(rows.sort(byName)).toEqual(expected.sort(byName));
  });

  test('has each provisioned once, and each customer written to once', () => {
    const { resellers, creations } = bed.simulator.state;
    for (const { name, email } of told) {
      expect(resellers.filter(({ preferredEmail }) => preferredEmail === email)).toHaveLength(1);
      expect(creations.byNaturalKey[naturalKey(name, email)]).toMatchObject({ created: 1 });
      expect(bed.smtp.mails.filter(({ to }) => to.includes(email))).toHaveLength(1);
    }
  });

  test('has no gap in the audit trail', async () => {
    const requests = await database.db.selectFrom('requests').select(['id', 'version']).execute();
    for (const { id, version } of requests) {
      const events = await database.db
        .selectFrom('events')
        .select(['what', 'announced'])
        .where('request_id', '=', id)
        .orderBy('id')
        .execute();
      const what = events.map((event) => event.what as Happening);
      expect(replay(what)).toBe('active');
      expect(version).toBe(what.filter((one) => !notes.includes(one)).length);
      expect(events.every(({ announced }) => announced)).toBe(true);
    }
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: true });
  });

  test('shows the end on every live card', async () => {
    const cards = await database.db.selectFrom('cards').select(['conversation_id', 'activity_id']).execute();
    const seen = told.flatMap(({ own, approval }) => [own, approval]);
    const live = [
      ...seen.map(({ where, activityId }) => [where.id, activityId]),
      ...cards.map(({ conversation_id, activity_id }) => [conversation_id, activity_id]),
    ];
    for (const [where, activityId] of live)
      expect(says(bed.teams.card(String(where), String(activityId)))).toContain('✅ Active');
  });

  test('tells everybody who should hear of it', () => {
    for (const { name } of told) {
      expect(titles(news)).toContain(`⏳ ${name}: approval asked for`);
      expect(titles(news)).toContain(`⏳ ${name}: waiting for activation`);
      expect(titles(news)).toContain(`✅ ${name} is active`);
      expect(titles(personal(alex))).toContain(`✅ ${name} is active`);
    }
  });

  test('repeats a post only where it was killed between Teams’ answer and noting it', () => {
    for (const where of [news, approvals]) {
      const all = titles(where);
      expect(all.length - new Set(all).size).toBeLessThanOrEqual(kills);
    }
  });

  test('leaves nothing undone and has no error to report', async () => {
    const left = await database.db
      .selectFrom('outbox')
      .selectAll()
      .where('state', 'in', ['queued', 'parked'])
      .execute();
    expect(left).toEqual([]);
    const undone = await database.db.selectFrom('calls').selectAll().where('done', '=', false).execute();
    expect(undone).toEqual([]);
    expect(bed.bot.errors).toEqual([]);
    expect(bed.bot.said).toBe('');
  });
});

/** Tells every story while the bot is killed again and again, and lets it live at last. */
async function tellAndKill(): Promise<Told[]> {
  const { bot, teams, simulator } = bed;
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const steps = new EventEmitter();

  // Requests come in all the time, so that at every kill some are at their beginning and some near their end.
  const begin = names.map(() => Promise.withResolvers<void>());
  const stories = names.map(async (name, index) => {
    await begin[index]?.promise;
    return tell(name, () => steps.emit('step'));
  });

  /** Something after which to kill: so many steps of people, or a post that Teams has taken and not yet answered. */
  const something = async () => {
    if (below(4) === 0) return bed.hear(() => true, 'a post', { after: teams.delivered().length });
    for (let left = below(5); left >= 0; left--) await once(steps, 'step');
  };

  const killing = async () => {
    for (let kill = 0; kill < kills; kill++) {
      for (const { resolve } of begin.slice(0, 3 + Math.floor((kill / kills) * names.length))) resolve();
      // A creation takes its time, the answer to one gets lost, and so does TeamMate's word of an activation.
      const creation = { path: '/reseller/newReseller', times: 1 };
      simulator.faults.add({ ...creation, delayMs: 1 + below(500) });
      if (below(3) === 0) simulator.faults.add({ ...creation, after: 'commit' });
      simulator.faults.webhooks = below(2) === 0;

      if (kill > 0) bot.launch();
      if (kill > 0 && below(8) === 0) {
        // Before it listens.
        await sleep(below(1_500));
      } else {
        if (kill > 0) await bot.listening();
        await Promise.race([something(), sleep(patience(kill), undefined, { ref: false })]);
        // The work of a turn or a job takes from a few milliseconds to some tens.
        await sleep(below(below(2) === 0 ? 4 : 100));
      }
      await bot.end('SIGKILL');
    }
    await bot.start();
  };
  const [all] = await Promise.all([Promise.all(stories), killing()]);
  return all;
}

/** One reseller from the command to the activation, as Alex, Megan and the customer live it. */
async function tell(name: string, happens: () => unknown): Promise<Told> {
  const email = `ops@${name.toLowerCase()}.example`;
  happens();
  await bed.type(alex, `add reseller ${name}; ${email}; pbx, trunk; B-77`);
  const own = await bed.see(personal(alex), `the form for ${name}`, (card) => inputsOf(card).name === name);
  happens();
  const id = /R-(\d+)/.exec(says(await bed.click(alex, own, 'Submit')))?.[1];
  if (!id) throw new Error(`${name} was not acknowledged`);
  happens();
  const approval = await bed.see(
    approvals,
    `the approval card for ${name}`,
    (card) => says(card).includes(`R-${id} `) && actionsOf(card).some(({ title }) => title === 'Approve'),
  );
  happens();
  await bed.click(megan, approval, 'Approve');
  happens();
  await bed.mail(email);
  happens();
  await bed.activate(email);
  happens();
  return { id, name, email, own, approval };
}

/** Waits until people see how it ended, and nothing is left to post. */
async function settled(): Promise<void> {
  const within = recovery;
  for (const { name, own, approval } of told) {
    const isActive = `✅ ${name} is active`;
    await bed.hear((call) => call.conversationId === news.id && textOf(call).includes(isActive), isActive, { within });
    for (const { where, activityId } of [own, approval])
      await bed.hear(
        (call) => call.activityId === activityId && textOf(call).includes('✅ Active'),
        `${name} as active on its card in ${where.id}`,
        { within },
      );
  }
  const until = Date.now() + within;
  while ((await bed.metric('teammate_posts', 'state="queued"')) !== 0) {
    if (Date.now() > until) throw new Error('something is left to post');
    await sleep(50);
  }
}

/** What leaves the state as it was. */
const notes: Happening[] = ['reminded', 'resent', 'resend-asked', 'troubled', 'cleared'];

/** The state that a trail of events leads to. @throws where one event may not follow the other. */
function replay([first, ...rest]: Happening[]): State {
  if (first !== 'submitted') throw new Error(`the trail begins with ${first}`);
  return rest.reduce<State>((state, what) => {
    if (notes.includes(what)) return state;
    const reached = next(state, what as Move);
    if (!reached) throw new Error(`${what} may not follow in the state ${state}`);
    return reached;
  }, 'pending');
}

/** The titles of everything posted somewhere, in order. */
const titles = (where: TestConversation) =>
  bed.teams
    .delivered()
    .filter(({ kind, conversationId }) => kind === 'post' && conversationId === where.id)
    .map((call) => textOf(call).split('\n')[0] as string);

const textOf = (call: Call) => says(cardOf(call.activity));

const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);

/** A small generator that can be seeded, which Math.random cannot (mulberry32, public domain). */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
