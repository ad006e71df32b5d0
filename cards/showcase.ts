import { countsOf } from '../src/billing/bill.ts';
import { entryOf, type Kind, remoteKinds } from '../src/catalog/index.ts';
import type { Task } from '../src/db/schema.ts';
import { codes, explain, Refusal } from '../src/errors.ts';
import { catalogues } from '../src/language/catalogues.ts';
import { toType } from '../src/language/commands.ts';
import { say } from '../src/language/say.ts';
import { type Event, noticeOf, welcomeOf } from '../src/notify/notices.ts';
import { roleName, roles } from '../src/people/person.ts';
import type { Batch } from '../src/requests/batch.ts';
import { type ChangeForm, offers } from '../src/requests/changes.ts';
import { replaceableOf } from '../src/requests/difference.ts';
import type { Form } from '../src/requests/forms.ts';
import { operations, states } from '../src/requests/lifecycle.ts';
import { severalKinds } from '../src/teams/batches.ts';
import { commands } from '../src/teams/commands.ts';
import { helpRows } from '../src/teams/help.ts';
import { groupWelcome, welcomeTo } from '../src/teams/welcome.ts';
import { batchCard, batchRow, batchRows } from '../src/views/batch.ts';
import { billCard, gettingCard, linkCard, noBillCard } from '../src/views/bill.ts';
import { commandButton } from '../src/views/buttons.ts';
import { changeFormCard } from '../src/views/change.ts';
import { formCard } from '../src/views/form.ts';
import { linksCard } from '../src/views/links.ts';
import { listCard } from '../src/views/list.ts';
import { closedCard, sharedCard } from '../src/views/live.ts';
import { messageCard, refusalCard } from '../src/views/message.ts';
import { type Reader, requestCard } from '../src/views/request.ts';
import { previewCard, rowsCard } from '../src/views/rows.ts';
import { taskCard } from '../src/views/task.ts';
import { moment, plain } from '../src/views/text.ts';
import { approver, at, companies, later, orders, requesters, requestOf, tongues } from './people.ts';
import type { Sample } from './samples.ts';

/** A card as somebody meets it, for the gallery. */
export interface Shown extends Sample {
  /** Which of the gallery's walls it hangs on. */
  group: string;
}

const kinds = ['reseller', 'enterprise', 'direct-routing', 'pbx', 'access'] as const satisfies readonly Kind[];
const titleOf = (kind: Kind) => {
  const { noun } = entryOf(kind);
  return noun.charAt(0).toUpperCase() + noun.slice(1);
};
const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
const audiences: Record<Reader, string> = {
  requester: 'for who asked',
  approver: 'for an approver',
  reader: 'for a reader',
};

function* requests(): Generator<Shown> {
  const template = 'request';
  for (const kind of kinds) {
    const group = titleOf(kind);
    const { checked = false, local = false } = entryOf(kind);
    for (const state of states) {
      if (!checked && ['checking', 'unready'].includes(state)) continue;
      if ((local && state === 'waiting') || state === 'void') continue;
      for (const audience of Object.keys(audiences) as Reader[]) {
        // Where a reader sees the same as the others, once is enough.
        if (kind !== 'reseller' && audience === 'reader') continue;
        const request = requestOf(kind, state);
        yield { group, template, look: `${state}, ${audiences[audience]}`, make: () => requestCard(request, audience) };
      }
    }
    for (const tongue of tongues.slice(1))
      for (const state of ['pending', 'active'] as const) {
        const request = requestOf(kind, state, { tongue });
        yield { group, template, look: `${state}, ${tongue}`, make: () => requestCard(request, 'approver') };
      }
  }
  const trouble = {
    ...explain('backend-unreachable', { reason: 'it is being maintained' }),
    attempt: 3,
    nextTry: later.toISOString(),
  };
  const provisioning = requestOf('reseller', 'provisioning', { trouble });
  const group = 'Reseller';
  yield { group, template, look: 'being tried again', make: () => requestCard(provisioning, 'requester') };
  const reminded = requestOf('reseller', 'waiting', { remindedAt: later, resentAt: later });
  yield { group, template, look: 'reminded of', make: () => requestCard(reminded, 'requester') };
  const decided = new Refusal('already-decided', {
    id: 'R-1006',
    state: 'approved',
    who: approver,
    at: later.toISOString(),
  });
  yield {
    group,
    template,
    look: 'decided by somebody else meanwhile',
    make: () => requestCard(requestOf('reseller', 'approved'), 'approver', { refusal: decided }),
  };
  yield {
    group,
    template,
    look: 'rejected without a reason',
    make: () => requestCard(requestOf('reseller', 'pending'), 'approver', { refusal: new Refusal('reason-missing') }),
  };
  const wrong = new Refusal('approval-wrong', { problem: 'Enter the id TeamMate gave them, such as 4001.' });
  yield {
    group: titleOf('access'),
    template,
    look: 'approved with a wrong id',
    make: () => requestCard(requestOf('access', 'pending'), 'approver', { refusal: wrong, entered: 'four' }),
  };
  const lost = requestOf('pbx', 'active', { lostAt: later });
  yield { group: titleOf('pbx'), template, look: 'registration lost', make: () => requestCard(lost, 'requester') };
}

function* changes(): Generator<Shown> {
  const group = 'Change';
  for (const kind of remoteKinds)
    for (const operation of operations) {
      if (operation === 'add' || !offers(kind, operation)) continue;
      const order = orders[kind]('plain');
      const { typed, editable = [] } = entryOf(kind);
      const content = {
        ...order,
        ...(operation === 'edit' && { billingReference: 'B-78', userLimit: '500' }),
      } as typeof order;
      const why = operation === 'edit' ? undefined : 'Their contract ended in September.';
      const more = {
        operation,
        content,
        before: { order, suspended: operation === 'resume' },
        ...(operation === 'edit' && replaceableOf(kind).length > 0 && { replaced: replaceableOf(kind).slice(0, 1) }),
        ...(why && { why }),
        reference: '5101',
      };
      for (const state of ['pending', 'provisioning', 'active', 'void'] as const) {
        const trouble = state === 'void' && { trouble: explain('changed-meanwhile', { what: 'Billing Reference' }) };
        const request = requestOf(kind, state, { ...more, ...trouble });
        const audience = state === 'pending' ? 'approver' : 'requester';
        yield {
          group,
          template: 'request',
          look: `${operation} ${kind}, ${state}`,
          make: () => requestCard(request, audience),
        };
      }
      const form: ChangeForm = {
        operation,
        kind,
        reference: '5101',
        nonce,
        name: requestOf(kind, 'active').name,
        fields: operation === 'edit' ? editable : ['why', 'name'],
        typed: operation === 'edit' ? typed(order as never) : { why: '', name: '' },
        errors: {},
        choices: choicesOf(kind),
      };
      yield { group, template: 'form', look: `${operation} ${kind}, form`, make: () => changeFormCard(form) };
      const errors = { [form.fields[0] as string]: 'This has to be filled in.' };
      yield {
        group,
        template: 'form',
        look: `${operation} ${kind}, form with an error`,
        make: () => changeFormCard({ ...form, errors }),
      };
    }
}

/** What the fields without choices of their own offer. */
function choicesOf(kind: Kind): Form['choices'] {
  const offered: Record<string, string[]> = {
    reseller: ['Contoso', 'Fabrikam', 'Adatum'],
    enterprise: ['Proseware', 'Tailspin Toys', 'Wingtip'],
    regions: ['DE WestCentral', 'UK South', 'US East 1', 'US West'],
    gateways: ['DE WestCentral', 'UK South', 'US East 1', 'US West'],
    services: ['PBX Connector', 'SIP Trunk'],
    pbxType: ['Netsapiens', 'PortaSwitch', 'RingLogix'],
    pbxTypes: ['Netsapiens', 'PortaSwitch', 'RingLogix'],
  };
  const ids: Record<string, number> = { reseller: 5101, enterprise: 5901 };
  return Object.fromEntries(
    Object.entries(entryOf(kind).fields)
      .filter(([name, { input, choices }]) => ['one', 'many'].includes(input) && !choices && offered[name])
      .map(([name]) => [
        name,
        {
          choices: offered[name]!.map((title, index) => ({
            title,
            value: name === 'services' ? (['PBX', 'TRUNK'][index] ?? '') : `${(ids[name] ?? 1) + index}`,
          })),
        },
      ]),
  );
}

/** Mistakes that people make, in the words of the catalog. */
const mistakes: Record<Kind, Record<string, string>> = {
  reseller: { name: 'Contoso is a reseller already.', email: 'Enter one e-mail address, such as ops@contoso.example.' },
  enterprise: { name: 'Enter a name.', regions: 'Choose at least one SBC Region.' },
  'direct-routing': { gateways: 'Choose at least one SBC Region.' },
  pbx: {
    domain: 'Enter a host name, such as sip.contoso.example.',
    port: 'Enter a port from 1 to 65535, or leave it empty for the usual one.',
    password: 'Enter the SIP Password.',
  },
  access: { email: 'Enter one e-mail address, such as ops@contoso.example.' },
};

function* forms(): Generator<Shown> {
  const [group, template] = ['Form', 'form'];
  for (const kind of kinds) {
    const { typed, fields, first, secrets } = entryOf(kind);
    const form: Form = {
      kind,
      nonce,
      fields: Object.keys(fields),
      page: 'whole',
      typed: {},
      errors: {},
      choices: choicesOf(kind),
    };
    const filled = { ...form, typed: typed(orders[kind]('plain') as never) };
    if (first)
      yield {
        group,
        template,
        look: `${kind}, first page`,
        make: () => formCard({ ...form, page: 'first', fields: first }),
      };
    yield { group, template, look: `${kind}, empty`, make: () => formCard(form) };
    yield { group, template, look: `${kind}, filled in`, make: () => formCard(filled) };
    yield {
      group,
      template,
      look: `${kind}, with errors`,
      make: () => formCard({ ...filled, errors: mistakes[kind], ...(secrets && { kept: secrets.slice(1) }) }),
    };
    const long = { ...form, typed: typed(orders[kind]('right-to-left') as never) };
    yield { group, template, look: `${kind}, right-to-left`, make: () => formCard(long) };
  }
}

function* tasks(): Generator<Shown> {
  const [group, template] = ['Task', 'task'];
  const opened: Task = {
    what: 'make',
    opened: at.toISOString(),
    portal: 'https://service.connecttoteams.com',
    hold: 0,
  };
  const holder = { directoryId: '33333333-cccc-4ccc-8ccc-cccccccccccc', name: 'Isaiah Langer', at: at.toISOString() };
  const taken: Task = { ...opened, hold: 1, holder };
  const confirm: Task = { ...opened, what: 'confirm', resend: true };
  for (const kind of remoteKinds) {
    const of = (state: 'provisioning' | 'waiting', task: Task) => requestOf(kind, state, { task });
    yield { group, template, look: `${kind}, to be taken`, make: () => taskCard(of('provisioning', opened)) };
    yield { group, template, look: `${kind}, taken`, make: () => taskCard(of('provisioning', taken)) };
    yield { group, template, look: `${kind}, to be confirmed`, make: () => taskCard(of('waiting', confirm)) };
    yield { group, template, look: `${kind}, over`, make: () => taskCard(requestOf(kind, 'active')) };
  }
  const refusal = new Refusal('reference-missing');
  yield {
    group,
    template,
    look: 'done without an id',
    make: () => taskCard(requestOf('reseller', 'provisioning', { task: taken }), { refusal }),
  };
}

function* batches(): Generator<Shown> {
  const group = 'Batch';
  for (const kind of severalKinds) {
    yield { group, template: 'rows', look: `${kind}, empty`, make: () => rowsCard(kind) };
    const notice = 'There is no row in it.';
    yield { group, template: 'rows', look: `${kind}, unreadable`, make: () => rowsCard(kind, { text: '', notice }) };
    const preview = { kind, nonce, size: 28, good: 28, problems: [], bad: [], notes: [] };
    yield { group, template: 'rows', look: `${kind}, fine`, make: () => previewCard(preview, { text: '' }) };
    const problems = [
      { row: 3, field: 'email', says: 'Enter one e-mail address, such as ops@contoso.example.' },
      { row: 17, field: 'name', says: 'Contoso is a reseller already.' },
    ];
    const wrong = { ...preview, good: 26, problems, notes: ['The first line was taken as the names of the columns.'] };
    const text = 'Contoso,ops.contoso.example,pbx,B-77\nFabrikam,ops@fabrikam.example,"pbx, trunk",B-78';
    yield { group, template: 'rows', look: `${kind}, wrong`, make: () => previewCard(wrong, { text }) };
    for (const state of ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const)
      for (const audience of Object.keys(audiences) as Reader[]) {
        const stands = state === 'approved' ? (['active', 'waiting', 'provisioning', 'failed'] as const) : [state];
        const names = ['Contoso', 'Fabrikam', 'Adatum', 'Tailspin', companies.long, companies['right-to-left']];
        const requests = names.map((name, index) =>
          requestOf(kind, stands[index % stands.length] ?? 'pending', { id: String(1006 + index), name }),
        );
        const batch: Batch = {
          id: '12',
          tenantId: requests[0]!.tenantId,
          kind,
          state,
          version: 2,
          requester: requests[0]!.requester,
          ...(['approved', 'rejected'].includes(state) && {
            decision: { by: '2', name: approver, at: later, reason: 'Their contract is not signed yet.' },
          }),
          requests,
          size: requests.length,
          since: later,
          createdAt: at,
        };
        const look = `${kind}, ${state}, ${audiences[audience]}`;
        yield { group, template: 'batch', look, make: () => batchCard(batch, audience) };
        if (audience === 'requester' && state === 'approved') {
          yield { group, template: 'list', look: `${kind}, all of it`, make: () => batchRows(batch, 0) };
          const make = () => listCard({ title: 'Your open batches', rows: [batchRow(batch, { by: true })] });
          yield { group, template: 'list', look: `${kind}, in a list`, make };
        }
      }
  }
}

const show = () => [{ ...commandButton(say('chat.show'), 'show Contoso'), tooltip: `${say('chat.show')} Contoso` }];

function* lists(): Generator<Shown> {
  const [group, template] = ['List', 'list'];
  const search = {
    label: 'Search',
    hint: 'Name, e-mail or billing reference',
    value: '',
    action: commandButton('Search', 'list resellers'),
  };
  yield {
    group,
    template,
    look: 'nothing',
    make: () =>
      listCard({
        title: 'Resellers',
        intro: 'TeamMate lists no reseller yet.',
        search,
        rows: [],
        actions: [commandButton('Add Reseller', 'add reseller')],
      }),
  };
  const things = ['✅', '⏳', '⏸', '✅', '✅', '⏳', '✅', '✅'].map((icon, index) => ({
    title: `${icon} ${plain(tongues.map((tongue) => companies[tongue])[index % 4] as string)}`,
    subtitle: `${{ '✅': 'Active', '⏳': 'Waiting for activation', '⏸': 'Suspended' }[icon]} · ops@contoso.example · B-77`,
  }));
  yield {
    group,
    template,
    look: 'resellers',
    make: () =>
      listCard({
        title: 'Resellers',
        intro: '42 in all, page 2 of 6.',
        search,
        rows: things,
        actions: [commandButton('Previous', 'list resellers'), commandButton('Next', 'list resellers')],
      }),
  };
  yield {
    group,
    template,
    look: 'a chain',
    make: () =>
      listCard({
        title: 'Contoso',
        intro: say('chat.chain.intro'),
        rows: [
          { title: '✅ Contoso', subtitle: 'reseller · Active', actions: show() },
          { depth: 1, title: '↳ ✅ Proseware', subtitle: 'enterprise · Active', actions: show() },
          {
            depth: 2,
            title: '↳ ⏳ Proseware',
            subtitle: `R-1008 · Direct Routing · Not active yet · waiting for Microsoft to activate cust124.sbc.connecttoteams.com since ${moment(at)}`,
            actions: show(),
          },
          { depth: 2, title: '↳ ✅ Head Office', subtitle: 'PBX · Active', actions: show() },
          {
            depth: 1,
            title: '↳ ⏳ Tailspin Toys',
            subtitle: `R-1009 · enterprise · Pending · waiting for an approver since ${moment(later)}`,
            actions: show(),
          },
        ],
      }),
  };
  yield {
    group,
    template,
    look: 'open requests',
    make: () =>
      listCard({
        title: 'Waiting for approval',
        rows: tongues.map((tongue, index) => ({
          title: `R-${1006 + index} ${plain(companies[tongue])}`,
          subtitle: `⏳ Pending · waiting for an approver since ${moment(at)} · requested by ${plain(requesters[tongue])}`,
          actions: show(),
        })),
      }),
  };
  yield {
    group,
    template,
    look: 'audit trail',
    make: () =>
      listCard({
        title: 'R-1006 Contoso',
        intro: 'Everything that happened, in order.',
        rows: [
          { title: 'Requested', subtitle: `${moment(at)} · Alex Wilber` },
          { title: 'Approved', subtitle: `${moment(later)} · Megan Bowen` },
          { title: 'Provisioning started', subtitle: `${moment(later)} · the bot` },
          { title: 'Created in TeamMate', subtitle: `${moment(later)} · the bot` },
        ],
      }),
  };
  for (const role of roles)
    yield {
      group,
      template,
      look: `help for ${role}`,
      make: () =>
        listCard({
          title: say('chat.help.title'),
          intro: say('chat.help.roles', { roles: roleName(role), help: toType('help') }),
          below: true,
          rows: helpRows(new Set([role]), commands),
        }),
    };
}

const told: Event['what'][] = [
  'submitted',
  'stopped',
  'created',
  'activated',
  'reject',
  'expire',
  'fail',
  'reminded',
  'lost',
];

function* messages(): Generator<Shown> {
  const [group, template] = ['Message', 'message'];
  for (const tongue of tongues)
    for (const what of told) {
      if (tongue !== 'plain' && what !== 'activated' && what !== 'reject') continue;
      const kind = what === 'lost' || what === 'stopped' ? 'pbx' : 'reseller';
      const detail = { ...explain('backend-refused', { reason: 'E-mail address in use.' }), reason: companies[tongue] };
      const event: Event = { id: '1', what, actorName: approver, at, detail };
      const notice = noticeOf(event, requestOf(kind, what === 'lost' ? 'active' : 'waiting', { tongue }));
      if (notice) yield { group, template, look: `${what}, ${tongue}`, make: () => messageCard(notice.message) };
    }
  const approved: Event = { id: '1', what: 'done', actorName: approver, at, detail: {} };
  const welcome = welcomeOf(approved, requestOf('access', 'active'));
  if (welcome) yield { group, template, look: 'welcome', make: () => messageCard(welcome.message) };
  const details = Object.fromEntries(
    [...catalogues.en.values()]
      .flatMap((text) => [...text.matchAll(/\{(\w+)/g)])
      .map(([, name = '']) => [name, 'Contoso']),
  );
  for (const code of codes)
    yield {
      group: 'Refusal',
      template,
      look: code,
      make: () => refusalCard(new Refusal(code, details), [commandButton(say('chat.help'), 'help')]),
    };
  const links = ['Sign up', 'Grant the consents'].map((title) => ({
    title,
    url: `https://login.example/${'0a1b2c3d'.repeat(12)}`,
  }));
  yield {
    group,
    template,
    look: 'links to forward',
    make: () => linksCard({ to: 'it@proseware.example', customer: 'Proseware', links }),
  };
}

function* bills(): Generator<Shown> {
  const [group, template] = ['Bill', 'bill'];
  const bill = { id: '1', tenantId: 'tenant', month: '2026-09' as const, readAt: later, size: 118 };
  const names = [
    'Contoso Hospitals',
    'Proseware',
    'Tailspin Toys',
    companies.long,
    companies['right-to-left'],
    'Wingtip',
  ];
  const counts = [412, 380, 377, 90, 44, 12];
  const largest = names.map((name, index) => ({ name, count: counts[index] ?? 0 }));
  const some = (count: number) => ({ count, largest: [{ name: 'Wingtip', before: 4, now: 12 }] });
  const totals = countsOf(({ label }) => 800 + label.length * 31);
  const summary = { bill, resellers: 7, totals, largest };
  const against = {
    bill: { ...bill, month: '2026-08' as const },
    totals: countsOf(({ label }) => 790 + label.length * 31),
    fresh: some(3),
    gone: some(1),
    up: some(6),
    down: some(0),
  };
  yield { group, template, look: 'of a month', make: () => billCard({ ...summary, against }, { readers: 'one' }) };
  yield {
    group,
    template,
    look: 'in a channel, without the month before',
    make: () => billCard(summary, { readers: 'channel', trouble: 'TeamMate did not answer.' }),
  };
  const getting = () => gettingCard('2026-09', 'one');
  yield { group, template: 'message', look: 'being read', make: getting };
  yield {
    group,
    template: 'message',
    look: 'not to be had',
    make: () => noBillCard('2026-09', 'TeamMate did not answer.'),
  };
  const address = 'https://bot.example.com/files/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  yield { group, template: 'message', look: 'its file', make: () => linkCard('2026-09', 'csv', address, 15, 'one') };
}

/** What the bot says of itself to whoever installs it, and the live card that is put into a message. */
function* welcomes(): Generator<Shown> {
  const group = 'Welcome';
  const template = 'welcome';
  const next = [{ text: '2 requests wait for your decision.', action: commandButton('Decide', 'pending') }];
  const about = { routed: true, app: 'TeamMate', toGetRole: '' };
  const asks = () =>
    say('ways.welcome.first.none', { administrators: approver, grant: toType('grant'), you: 'Alex Wilber' });
  for (const role of [undefined, ...roles])
    yield {
      group,
      template,
      look: role ? `for ${role}` : 'for somebody without a role',
      make: () =>
        welcomeTo({ ...about, toGetRole: asks(), roles: role ? [role] : [], next: role === 'approver' ? next : [] }),
    };
  const unrouted = { ...about, routed: false, next: [] };
  const alone = () => welcomeTo({ ...unrouted, roles: ['administrator'] });
  yield { group, template, look: 'for an administrator who has everything to set up', make: alone };
  yield { group, template, look: 'for a chat of several', make: () => groupWelcome('TeamMate') };
  const data = { verb: 'show-live', kind: 'reseller', reference: '5101' } as const;
  for (const tongue of tongues) {
    const shared = { icon: '✅', name: companies[tongue], says: ['reseller', 'Active'] };
    yield {
      group,
      template: 'message',
      look: `put into a message, ${tongue}`,
      make: () => sharedCard(shared, data, []),
    };
  }
  yield { group, template: 'message', look: 'a link that is not for its reader', make: closedCard };
}

/** Every card in every state as people meet it: what the gallery shows and looks at. */
export const showcase = (): Shown[] => [
  ...requests(),
  ...changes(),
  ...forms(),
  ...batches(),
  ...lists(),
  ...tasks(),
  ...messages(),
  ...bills(),
  ...welcomes(),
];
