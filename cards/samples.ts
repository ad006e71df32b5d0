import { countsOf } from '../src/billing/bill.ts';
import type { Changes, Summary } from '../src/billing/summary.ts';
import { catalog, entryOf, isLocal, type Kind, type Orders, remoteKinds } from '../src/catalog/index.ts';
import { mostChoices } from '../src/catalog/orderable.ts';
import type { Task } from '../src/db/schema.ts';
import { codes, type ErrorCode, type ErrorDetails, explain, Refusal } from '../src/errors.ts';
import { catalogues } from '../src/language/catalogues.ts';
import { say } from '../src/language/say.ts';
import { type Event, noticeOf, welcomeOf } from '../src/notify/notices.ts';
import { groupLimit } from '../src/people/groups.ts';
import { roles } from '../src/people/person.ts';
import { routingStanding } from '../src/provisioning/routing-progress.ts';
import type { Batch } from '../src/requests/batch.ts';
import { type ChangeForm, offers } from '../src/requests/changes.ts';
import { reasonLimit } from '../src/requests/decisions.ts';
import { orderOf, replaceableOf } from '../src/requests/difference.ts';
import type { Form } from '../src/requests/forms.ts';
import { operations, states } from '../src/requests/lifecycle.ts';
import type { Request } from '../src/requests/request.ts';
import { sheetLimits } from '../src/requests/sheet.ts';
import { referenceLimit } from '../src/requests/task.ts';
import { severalKinds } from '../src/teams/batches.ts';
import { groupRow } from '../src/teams/following.ts';
import { groupWelcome, unknownWelcome, welcomeTo } from '../src/teams/welcome.ts';
import { batchCard, batchRows } from '../src/views/batch.ts';
import {
  billCard,
  declinedCard,
  gettingCard,
  linkCard,
  makingCard,
  noBillCard,
  savingCard,
} from '../src/views/bill.ts';
import { commandButton, plainButton } from '../src/views/buttons.ts';
import { changeFormCard } from '../src/views/change.ts';
import { formCard } from '../src/views/form.ts';
import { linksCard } from '../src/views/links.ts';
import { listCard } from '../src/views/list.ts';
import { closedCard, sharedCard } from '../src/views/live.ts';
import { messageCard, refusalCard } from '../src/views/message.ts';
import { type Reader, requestCard } from '../src/views/request.ts';
import { previewCard, rowsCard } from '../src/views/rows.ts';
import { taskCard } from '../src/views/task.ts';
import type { Card } from '../src/views/templates.ts';
import { detail, plain } from '../src/views/text.ts';

/** A card as the bot shows it, made from a template by its view. */
export interface Sample {
  template: string;
  /** Which of the template's many looks it is. */
  look: string;
  make(): Card;
}

const looks = ['short', 'long', 'right-to-left'] as const;
type Look = (typeof looks)[number];

/** Three bytes each in UTF-8, and Markdown that has to be escaped: as heavy as a text of this length gets. */
const fill = (limit = 0) => '＊*漢字'.repeat(limit).slice(0, limit);
const { name, email, billingReference } = catalog.reseller.fields;

/** What people may have ordered. A kind added to the catalog is missing here until it has its samples. */
const orders: { [K in Kind]: Record<Look, Orders[K]> } = {
  reseller: {
    short: { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX'], billingReference: '' },
    long: {
      name: fill(name?.maxLength),
      email: `${fill(email?.maxLength).slice(12)}@example.com`,
      services: ['PBX', 'TRUNK'],
      billingReference: fill(billingReference?.maxLength),
    },
    'right-to-left': {
      name: 'شركة الاتصالات',
      email: 'דואר@דוגמה.example',
      services: ['TRUNK'],
      billingReference: 'ב־77',
    },
  },
  enterprise: {
    short: enterpriseOf({ name: 'Proseware', email: 'it@proseware.example' }),
    long: enterpriseOf({
      name: fill(name?.maxLength),
      email: `${fill(email?.maxLength).slice(12)}@example.com`,
      services: ['PBX', 'TRUNK'],
      regions: ['1', '2', '3', '4', '5', '6'],
      pbxTypes: ['1', '2', '3', '4', '5'],
      userLimit: '1000000',
      accessSipData: true,
      sipDataReason: fill(catalog.enterprise.fields.sipDataReason?.maxLength),
      billingReference: fill(billingReference?.maxLength),
      names: { 'reseller 5101': fill(name?.maxLength) },
    }),
    'right-to-left': enterpriseOf({ name: 'شركة الاتصالات', email: 'דואר@דוגמה.example', billingReference: 'ב־77' }),
  },
  access: {
    short: accessOf('Northwind', 'Robin', 'Kline', 'robin@northwind.example'),
    long: accessOf(
      fill(catalog.access.fields.company?.maxLength),
      fill(catalog.access.fields.firstName?.maxLength),
      fill(catalog.access.fields.lastName?.maxLength),
      `${fill(email?.maxLength).slice(12)}@example.com`,
    ),
    'right-to-left': accessOf('شركة الاتصالات', 'مريم', 'العلي', 'דואר@דוגמה.example'),
  },
  pbx: {
    short: pbxOf({ location: 'Head Office' }),
    long: pbxOf({
      location: fill(catalog.pbx.fields.location?.maxLength),
      domain: `${'a'.repeat(60)}.`.repeat(4).slice(0, catalog.pbx.fields.domain?.maxLength),
      proxy: `${'b'.repeat(60)}.`.repeat(4).slice(0, catalog.pbx.fields.proxy?.maxLength),
      user: fill(catalog.pbx.fields.user?.maxLength),
      authId: fill(catalog.pbx.fields.authId?.maxLength),
      authorizationUrl: fill(catalog.pbx.fields.authorizationUrl?.maxLength),
      clientId: fill(catalog.pbx.fields.clientId?.maxLength),
      masqueradingLogin: fill(catalog.pbx.fields.masqueradingLogin?.maxLength),
      names: { 'enterprise 5901': fill(name?.maxLength), 'pbx-type 1': 'Netsapiens' },
    }),
    'right-to-left': pbxOf({ location: 'المكتب الرئيسي' }),
  },
  'direct-routing': {
    short: routingOf({ 'enterprise 5901': 'Proseware', 'email of 5901': 'it@proseware.example' }),
    long: routingOf(
      {
        'enterprise 5901': fill(name?.maxLength),
        'email of 5901': `${fill(email?.maxLength).slice(12)}@example.com`,
        'reseller 5101': fill(name?.maxLength),
      },
      ['1', '2', '3', '4', '5', '6'],
    ),
    'right-to-left': routingOf({ 'enterprise 5901': 'شركة الاتصالات', 'email of 5901': 'דואר@דוגמה.example' }),
  },
};

function accessOf(company: string, firstName: string, lastName: string, address: string): Orders['access'] {
  return { company, firstName, lastName, email: address, tenantId: 'c0ffee00-1111-4222-8333-444455556666' };
}

function pbxOf(more: Partial<Orders['pbx']>): Orders['pbx'] {
  return {
    enterprise: '5901',
    pbxType: '1',
    location: '',
    lookup: 'SRV',
    domain: 'sip.proseware.example',
    proxy: '',
    transport: 'TLS',
    port: '5060',
    expiry: '300',
    voicemail: '9901',
    user: 'teammate',
    authId: '',
    password: undefined,
    authorizationUrl: 'https://portal.proseware.example/ns-api/oauth2/token/',
    clientId: 'teammate',
    clientSecret: undefined,
    masqueradingLogin: '',
    masqueradingPassword: undefined,
    names: { 'enterprise 5901': 'Proseware', 'pbx-type 1': 'Netsapiens' },
    ...more,
  };
}

function routingOf(names: Record<string, string>, gateways = ['1']): Orders['direct-routing'] {
  const regions = Object.fromEntries(gateways.map((id) => [`sbc-region ${id}`, `DE WestCentral ${id}`]));
  return {
    enterprise: '5901',
    gateways,
    names: { 'reseller of 5901': '5101', 'reseller 5101': 'Fabrikam', ...regions, ...names },
  };
}

function enterpriseOf(more: Partial<Orders['enterprise']>): Orders['enterprise'] {
  return {
    reseller: '5101',
    name: '',
    email: '',
    services: ['PBX'],
    regions: ['1'],
    pbxTypes: ['1'],
    userLimit: '',
    musicOnHold: false,
    addExtensions: true,
    externalNumbers: false,
    requestConsent: true,
    accessSipData: false,
    sipDataReason: '',
    billingReference: '',
    names: { 'reseller 5101': 'Fabrikam', 'sbc-region 1': 'US East 1', 'pbx-type 1': 'Netsapiens' },
    ...more,
  };
}
const kinds = Object.keys(orders) as Kind[];
const people: Record<Look, string> = { short: 'Megan', long: fill(200), 'right-to-left': 'مريم' };
const said: Record<Look, string> = { short: 'No.', long: fill(reasonLimit), 'right-to-left': 'לא עכשיו' };

const at = new Date('2026-02-03T04:05:06.789Z');

function requestOf(kind: Kind, look: Look, state: Request['state'], more: Partial<Request> = {}): Request {
  const content = orders[kind][look];
  const decided = !['pending', 'withdrawn', 'expired'].includes(state);
  return {
    id: '123456789012345678',
    tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
    kind,
    operation: 'add',
    state,
    version: 12,
    content,
    name: entryOf(kind).name(content),
    requester: {
      tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
      directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
      name: people[look],
    },
    ...(decided && {
      decision: { by: '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb', name: people[look], at, reason: said[look] },
    }),
    ...(['waiting', 'active'].includes(state) && { reference: '6001', remindedAt: at, resentAt: at }),
    since: at,
    createdAt: at,
    ...more,
  };
}

/** Every detail that a refusal may have, so that each of its sentences is whole. */
const detailsOf = (look: Look): ErrorDetails => {
  const words = [...catalogues.en.values()].flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)]);
  return Object.fromEntries(words.map(([, detail = '']) => [detail, said[look]]));
};
const refusalOf = (code: ErrorCode, look: Look) => new Refusal(code, detailsOf(look));

function* forms(): Generator<Sample> {
  for (const kind of kinds) {
    const template = 'form';
    const { typed, fields, first, secrets } = entryOf(kind);
    const names = Object.keys(fields);
    const chosen = names.filter(
      (field) => ['one', 'many'].includes(fields[field]?.input ?? '') && !fields[field]?.choices,
    );
    const form: Form = {
      kind,
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      fields: names,
      page: 'whole',
      typed: {},
      errors: {},
      choices: {},
    };
    yield { template, look: `${kind}, empty`, make: () => formCard(form) };
    if (first) {
      // As many as one card ever shows, with names as TeamMate may have them.
      const choices = Array.from({ length: mostChoices }, (_, at) => ({ value: `${at}`, title: fill(30) }));
      const some = Object.fromEntries(first.map((field) => [field, { choices, search: 'reseller' as const }]));
      const page = 'first';
      yield { template, look: `${kind}, first`, make: () => formCard({ ...form, page, fields: first, choices: some }) };
    }
    for (const look of looks) {
      const choices = Object.fromEntries(
        chosen.map((field) => [
          field,
          { choices: Array.from({ length: 8 }, (_, at) => ({ value: `${at}`, title: said[look].slice(0, 40) })) },
        ]),
      );
      const errors = Object.fromEntries(names.map((field) => [field, said[look].slice(0, 200)]));
      const filled = { ...form, choices, typed: typed(orders[kind][look]) };
      yield { template, look: `${kind}, ${look}`, make: () => formCard(filled) };
      yield { template, look: `${kind}, ${look}, all wrong`, make: () => formCard({ ...filled, errors }) };
      if (secrets)
        yield { template, look: `${kind}, ${look}, kept`, make: () => formCard({ ...filled, kept: secrets }) };
      yield { template, look: `${kind}, ${look}, notice`, make: () => formCard({ ...filled, notice: said[look] }) };
    }
  }
}

function* requests(): Generator<Sample> {
  const audiences: Reader[] = ['requester', 'approver', 'reader'];
  const template = 'request';
  for (const kind of kinds)
    for (const state of states)
      for (const audience of audiences)
        for (const look of looks) {
          const request = requestOf(kind, look, state);
          const trouble = {
            ...explain('backend-refused', { reason: said[look] }),
            attempt: 3,
            nextTry: at.toISOString(),
          };
          const refusal = refusalOf('already-decided', look);
          const name = `${kind} ${state} for ${audience}, ${look}`;
          yield { template, look: name, make: () => requestCard(request, audience) };
          const progress = {
            steps: (['done', 'now', 'later', 'failed', 'warned'] as const).map((state) => ({
              label: people[look].slice(0, 80),
              state,
              says: said[look].slice(0, 200),
            })),
            waitingFor: people[look],
            overdue: said[look],
          };
          yield { template, look: `${name}, on its way`, make: () => requestCard({ ...request, progress }, audience) };
          yield { template, look: `${name}, in trouble`, make: () => requestCard({ ...request, trouble }, audience) };
          yield { template, look: `${name}, refused`, make: () => requestCard(request, audience, { refusal }) };
          const { approval } = entryOf(kind);
          const wrong = refusalOf('approval-wrong', look);
          const entered = fill(approval?.maxLength);
          if (approval)
            yield {
              template,
              look: `${name}, with what is entered`,
              make: () => requestCard(request, audience, { refusal: wrong, entered }),
            };
          if (state === 'active' && entryOf(kind).watched)
            yield { template, look: `${name}, lost`, make: () => requestCard({ ...request, lostAt: at }, audience) };
          const reason = refusalOf('reason-too-long', look);
          yield {
            template,
            look: `${name}, with a reason`,
            make: () => requestCard(request, audience, { refusal: reason, typedReason: said[look] }),
          };
        }
}

/** An order, and the same with other values in all that may be changed. */
function changedOrder<K extends Kind>(kind: K, look: Look) {
  const { editable = [], fields, typed } = entryOf(kind);
  const order = orders[kind][look];
  const was = typed(order);
  const others = editable.map((field) => {
    const { input, maxLength, choices = [] } = fields[field]!;
    const value = was[field] ?? '';
    if (input === 'toggle') return [field, value === 'true' ? 'false' : 'true'];
    if (choices.length > 0) return [field, choices.map((one) => one.value).find((one) => one !== value) ?? ''];
    return [field, look === 'long' ? fill(maxLength) : `${value}1`];
  });
  return { order, after: orderOf(kind, { ...was, ...Object.fromEntries(others) }) };
}

const operationsOf = (kind: Kind) => operations.filter((one) => one !== 'add').filter((one) => offers(kind, one));

function* changes(): Generator<Sample> {
  const audiences: Reader[] = ['requester', 'approver', 'reader'];
  for (const kind of remoteKinds)
    for (const operation of operationsOf(kind))
      for (const look of looks) {
        const { order, after } = changedOrder(kind, look);
        const why = operation === 'edit' ? undefined : said[look];
        const more = {
          operation,
          content: operation === 'edit' ? after : order,
          before: { order, suspended: operation === 'resume' },
          ...(operation === 'edit' && { replaced: replaceableOf(kind) }),
          ...(why && { why }),
          reference: '5101',
        };
        for (const state of states)
          for (const audience of audiences) {
            const trouble = explain('changed-meanwhile', { what: said[look] });
            const request = requestOf(kind, look, state, { ...more, trouble });
            const name = `${operation} ${kind} ${state} for ${audience}, ${look}`;
            yield { template: 'request', look: name, make: () => requestCard(request, audience) };
          }
        const fields = operation === 'edit' ? (entryOf(kind).editable ?? []) : ['why', 'name'];
        const form: ChangeForm = {
          operation,
          kind,
          reference: '5101',
          nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
          name: people[look],
          fields,
          typed: operation === 'edit' ? entryOf(kind).typed(after) : { why: said[look], name: people[look] },
          errors: {},
          choices: {},
        };
        const errors = Object.fromEntries(fields.map((field) => [field, said[look].slice(0, 200)]));
        const name = `${operation} ${kind}, ${look}`;
        yield { template: 'form', look: name, make: () => changeFormCard(form) };
        yield { template: 'form', look: `${name}, all wrong`, make: () => changeFormCard({ ...form, errors }) };
        yield {
          template: 'form',
          look: `${name}, notice`,
          make: () => changeFormCard({ ...form, kept: replaceableOf(kind), notice: said[look] }),
        };
        for (const what of happenings) {
          const trouble = explain('changed-meanwhile', { what: said[look] });
          const event = { id: '1', what, actorName: people[look], at, detail: { ...trouble, reason: said[look] } };
          const notice = noticeOf(event, requestOf(kind, look, 'active', more));
          if (!notice) continue;
          const make = () => messageCard(notice.message);
          yield { template: 'message', look: `notice of ${what} of ${name}`, make };
        }
      }
}

/** Direct Routing in every region there is, from nothing to nearly done: the longest checklist. */
function* routings(): Generator<Sample> {
  const states = ['DOMAIN_ADDED', 'DOMAIN_ACTIVATING', 'DOMAIN_ACTIVE', 'ROUTES_CREATED', 'SOMETHING_ELSE'];
  const content = orders['direct-routing'].long;
  for (const look of looks)
    for (const [at, state] of [undefined, ...states].entries()) {
      const routings = content.gateways.slice(0, at).map((sbcGatewayId) => ({
        sbcGatewayId,
        sbcGatewayRegion: said[look].slice(0, 100),
        domain: `cust${'1'.repeat(80)}.example`,
        state: state ?? '',
        startedDate: '2025-01-01T00:00:00.000Z',
      }));
      const seen = { registered: at > 0, email: '', consents: undefined, routings };
      const { progress } = routingStanding(content, seen, [], Date.now());
      const request = { ...requestOf('direct-routing', 'long', 'waiting'), ...(progress && { progress }) };
      const make = () => requestCard(request, 'requester');
      yield { template: 'request', look: `Direct Routing at ${state ?? 'nothing'}, ${look}`, make };
    }
}

function* tasks(): Generator<Sample> {
  const template = 'task';
  for (const kind of kinds.filter((one) => !isLocal(one)))
    for (const look of looks) {
      const opened: Task = {
        what: 'make',
        opened: at.toISOString(),
        portal: 'https://service.connecttoteams.com',
        hold: 0,
        tried: true,
      };
      const holder = { directoryId: '33333333-cccc-4ccc-8ccc-cccccccccccc', name: people[look], at: at.toISOString() };
      const taken: Task = { ...opened, hold: 2_147_483_647, holder };
      const confirm: Task = { ...opened, what: 'confirm', resend: true };
      const name = `${kind}, ${look}`;
      const of = (state: Request['state'], task: Task, more: Partial<Request> = {}) =>
        requestOf(kind, look, state, { task, ...more });
      yield { template, look: `${name}, to be taken`, make: () => taskCard(of('provisioning', opened)) };
      yield { template, look: `${name}, taken`, make: () => taskCard(of('provisioning', taken)) };
      const removing = of('provisioning', taken, { operation: 'remove', reference: '6001' });
      yield { template, look: `${name}, a change`, make: () => taskCard(removing) };
      yield { template, look: `${name}, to be confirmed`, make: () => taskCard(of('waiting', confirm)) };
      yield { template, look: `${name}, expired`, make: () => taskCard(of('expired', confirm, { reference: '6001' })) };
      yield { template, look: `${name}, over`, make: () => taskCard(requestOf(kind, look, 'active')) };
      for (const code of ['task-held', 'reference-taken', 'reason-too-long'] as const) {
        const tried = {
          refusal: refusalOf(code, look),
          typedReason: said[look],
          typedReference: 'A'.repeat(referenceLimit),
        };
        const again = of('provisioning', taken, { reference: 'A'.repeat(referenceLimit) });
        yield { template, look: `${name}, refused as ${code}`, make: () => taskCard(again, tried) };
      }
    }
}

function* lists(): Generator<Sample> {
  const template = 'list';
  yield { template, look: 'empty', make: () => listCard({ title: 'Resellers', rows: [] }) };
  for (const look of looks) {
    const text = plain(fill(look === 'long' ? name?.maxLength : 0) || said[look]);
    const rows = Array.from({ length: 10 }, () => ({
      title: text,
      subtitle: text,
      actions: [plainButton('Withdraw', { verb: 'withdraw', id: '123456789012345678', version: 12 })],
    }));
    const search = { label: 'Search', hint: text, value: text };
    const actions = [commandButton('Search', 'list resellers'), commandButton('Next', 'list resellers')];
    const make = () => listCard({ title: text, intro: text, notice: text, search, rows, actions });
    yield { template, look, make };
    const group = {
      groupId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
      role: 'administrator' as const,
      name: look === 'long' ? fill(256) : people[look],
      members: 19_980,
      readAt: at,
      validUntil: at,
      problem: explain('directory-out-of-reach'),
    };
    const followed = Array.from({ length: groupLimit }, () => groupRow(group, new Date(at.getTime() - 1)));
    yield { template, look: `roles by groups, ${look}`, make: () => listCard({ title: 'Roles', rows: followed }) };
  }
}

const happenings: Event['what'][] = [
  'submitted',
  'passed',
  'stopped',
  'check',
  'insist',
  'done',
  'void',
  'approve',
  'reject',
  'withdraw',
  'start',
  'created',
  'activated',
  'expire',
  'fail',
  'retry',
  'reminded',
  'asked',
  'overdue',
  'resent',
  'resend-asked',
  'troubled',
  'cleared',
  'lost',
  'regained',
  'task',
  'taken',
  'taken-over',
];

function* messages(): Generator<Sample> {
  const template = 'message';
  yield { template, look: 'bare', make: () => messageCard({ title: 'Cancelled', lines: [] }) };
  for (const look of looks) {
    const links = Array.from({ length: 6 }, () => ({
      title: said[look].slice(0, 80),
      url: `https://login.example/${'a'.repeat(look === 'long' ? 1000 : 40)}`,
    }));
    const handed = { to: people[look], customer: people[look], links };
    yield { template, look: `links to forward, ${look}`, make: () => linksCard(handed) };
    for (const code of codes)
      yield {
        template,
        look: `refusal ${code}, ${look}`,
        make: () => refusalCard(refusalOf(code, look), [commandButton('Help', 'help')]),
      };
    for (const kind of kinds)
      for (const what of happenings) {
        const trouble = explain('backend-refused', { reason: said[look] });
        const event = {
          id: '1',
          what,
          actorName: people[look],
          at,
          detail: { ...trouble, reason: said[look], attempt: 1, by: 'chat', to: people[look], what: said[look] },
        };
        const notice = noticeOf(event, requestOf(kind, look, 'waiting'));
        if (notice) yield { template, look: `notice of ${what}, ${look}`, make: () => messageCard(notice.message) };
        const welcome = welcomeOf(event, requestOf(kind, look, 'active'));
        if (welcome) yield { template, look: `welcome, ${look}`, make: () => messageCard(welcome.message) };
      }
  }
}

/** A bill in its largest look: names as long as they get, and numbers as large. */
function summaryOf(look: Look): Summary {
  const name = look === 'long' ? fill(300) : said[look];
  const most = look === 'long' ? 2 ** 31 - 1 : 12;
  const bill = { id: '1', tenantId: 'tenant', month: '2026-02', readAt: at, size: most };
  const changes: Changes = { count: most, largest: Array.from({ length: 5 }, () => ({ name, before: most, now: 1 })) };
  return {
    bill,
    resellers: 1,
    totals: countsOf(() => most * 1000),
    largest: Array.from({ length: 8 }, (_, index) => ({ name, count: most - index })),
    against: {
      bill: { ...bill, month: '2026-01' },
      totals: countsOf(() => 0),
      fresh: changes,
      gone: changes,
      up: changes,
      down: changes,
    },
  };
}

function* bills(): Generator<Sample> {
  const template = 'bill';
  for (const look of looks) {
    const { against, ...summary } = summaryOf(look);
    yield { template, look, make: () => billCard({ ...summary, ...(against && { against }) }, { readers: 'one' }) };
    const trouble = refusalOf('bill-unreachable', look).sentences((detail) => plain(String(detail)));
    yield {
      template,
      look: `${look}, in a channel, without the month before`,
      make: () => billCard(summary, { readers: 'channel', trouble }),
    };
    yield { template: 'message', look: `no bill, ${look}`, make: () => noBillCard('2026-02', trouble) };
  }
  const empty = { ...summaryOf('short').bill, size: 0 };
  const none = { bill: empty, resellers: 0, totals: countsOf(() => 0), largest: [] };
  yield {
    template,
    look: 'of nobody',
    make: () => billCard(none, { readers: 'groupChat' }),
  };
  const address = 'https://bot.example.com/files/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const messages = {
    getting: gettingCard('2026-02', 'channel'),
    making: makingCard('2026-02', 'xlsx'),
    link: linkCard('2026-02', 'csv', address, 15, 'channel'),
    saving: savingCard('2026-02', 'csv'),
    declined: declinedCard('2026-02', 'csv'),
  };
  for (const [look, card] of Object.entries(messages)) yield { template: 'message', look, make: () => card };
}

/** As many rows as are taken, with texts as long as a form takes them. */
function* severals(): Generator<Sample> {
  const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
  for (const kind of severalKinds) {
    yield { template: 'rows', look: `${kind}, empty`, make: () => rowsCard(kind) };
    for (const look of looks) {
      const list = said[look].repeat(look === 'long' ? 7 : 1);
      const notice = refusalOf('list-unreadable', look).sentences(detail);
      yield { template: 'rows', look: `${kind}, refused, ${look}`, make: () => rowsCard(kind, { text: list, notice }) };
      const size = look === 'short' ? 1 : sheetLimits.rows;
      const problems = Array.from({ length: size }, (_, at) => ({ row: at + 1, field: 'name', says: said[look] }));
      const wrong = {
        kind,
        nonce,
        size,
        good: size / 2,
        problems,
        bad: [],
        notes: [said[look], said[look], said[look]],
      };
      yield {
        template: 'rows',
        look: `${kind}, wrong, ${look}`,
        make: () => previewCard(wrong, { text: list, page: 1 }),
      };
      const fine = { ...wrong, good: size, problems: [], notes: [] };
      yield { template: 'rows', look: `${kind}, fine, ${look}`, make: () => previewCard(fine, { text: list }) };
      for (const state of ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const)
        for (const audience of ['requester', 'approver', 'reader'] as const) {
          const mixed = state === 'pending' && entryOf(kind).checked;
          const stands = state === 'approved' ? states : mixed ? (['pending', 'unready'] as const) : ([state] as const);
          const trouble = explain('backend-refused', { reason: said[look] });
          const requests = Array.from({ length: size }, (_, at) =>
            requestOf(kind, look, stands[at % stands.length] ?? 'pending', { trouble }),
          );
          const batch: Batch = {
            id: '123456789012345678',
            tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
            kind,
            state,
            version: 12,
            requester: {
              tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
              directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
              name: people[look],
            },
            ...(state !== 'pending' && {
              decision: { by: '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb', name: people[look], at, reason: said[look] },
            }),
            requests,
            size: size * 2,
            since: at,
            createdAt: at,
          };
          const reason = { refusal: refusalOf('reason-too-long', look), typedReason: said[look] };
          const name = `${kind} ${state} for ${audience}, ${look}`;
          yield { template: 'batch', look: name, make: () => batchCard(batch, audience) };
          yield { template: 'batch', look: `${name}, refused`, make: () => batchCard(batch, audience, reason) };
          yield { template: 'list', look: `batch of ${name}`, make: () => batchRows(batch, 1) };
        }
    }
  }
}

/** Every look of every card, with texts as short, as long and as foreign as they get. */
function* welcomes(): Generator<Sample> {
  const template = 'welcome';
  const next = () => [
    {
      text: say('ways.next.approve', { count: 2 }),
      action: commandButton(say('ways.next.button.approve'), 'pending'),
    },
  ];
  for (const look of looks) {
    const about = { routed: true, app: people[look], toGetRole: plain(said[look]) };
    for (const own of [[], ...roles.map((role) => [role]), roles])
      for (const waits of [() => [], next]) {
        const make = () => welcomeTo({ ...about, roles: own, next: waits() });
        const who = own.join(' and ') || 'no role yet';
        yield { template, look: `for ${who}, ${waits === next ? 'awaited' : 'at rest'}, ${look}`, make };
      }
    const alone = () => welcomeTo({ ...about, roles: ['administrator'], next: [], routed: false });
    yield { template, look: `for an administrator who has everything to set up, ${look}`, make: alone };
    yield { template, look: `for a chat of several, ${look}`, make: () => groupWelcome(people[look]) };
  }
  const data = { verb: 'show-live', kind: 'reseller', reference: '5101' } as const;
  const viewers = Array.from({ length: 60 }, (_, at) => `29:${String(at).padStart(140, 'x')}`);
  for (const look of looks) {
    const shared = () => ({ icon: '✅', name: people[look], says: [entryOf('reseller').noun, said[look]] });
    const make = () => sharedCard(shared(), data, viewers);
    yield { template: 'message', look: `put into a message, ${look}`, make };
  }
  yield { template: 'message', look: 'a link that is not for its reader', make: closedCard };
  const make = () => unknownWelcome('8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a');
  yield { template, look: 'for a tenant that is not served', make };
}

export const samples = (): Sample[] => [
  ...forms(),
  ...requests(),
  ...changes(),
  ...routings(),
  ...tasks(),
  ...lists(),
  ...severals(),
  ...messages(),
  ...bills(),
  ...welcomes(),
];
