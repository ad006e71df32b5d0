import { catalog, entryOf, type Kind, type Orders } from '../src/catalog/index.ts';
import { catalogue, type ErrorCode, type ErrorDetails, explain, Refusal } from '../src/errors.ts';
import { type Event, noticeOf } from '../src/notify/notices.ts';
import { groupLimit } from '../src/people/groups.ts';
import { reasonLimit } from '../src/requests/decisions.ts';
import { states } from '../src/requests/lifecycle.ts';
import type { Request } from '../src/requests/request.ts';
import { groupRow } from '../src/teams/following.ts';
import { commandButton, plainButton } from '../src/views/buttons.ts';
import { formCard } from '../src/views/form.ts';
import { listCard } from '../src/views/list.ts';
import { messageCard, refusalCard } from '../src/views/message.ts';
import { type Audience, requestCard } from '../src/views/request.ts';
import type { Card } from '../src/views/templates.ts';
import { plain } from '../src/views/text.ts';

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
};
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
    state,
    version: 12,
    content,
    name: entryOf(kind).name(content),
    requester: { directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa', name: people[look] },
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
  const words = Object.values(catalogue).flatMap(({ says, next }) => [...`${says} ${next}`.matchAll(/\{(\w+)\}/g)]);
  return Object.fromEntries(words.map(([, detail = '']) => [detail, said[look]]));
};
const refusalOf = (code: ErrorCode, look: Look) => new Refusal(code, detailsOf(look));

function* forms(): Generator<Sample> {
  for (const kind of kinds) {
    const { card: template, typed, fields } = entryOf(kind);
    const form = { kind, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', typed: {}, errors: {} };
    yield { template, look: 'empty', make: () => formCard(form) };
    for (const look of looks) {
      const errors = Object.fromEntries(Object.keys(fields).map((field) => [field, said[look]]));
      const filled = { ...form, typed: typed(orders[kind][look]) };
      yield { template, look, make: () => formCard(filled) };
      yield { template, look: `${look}, all wrong`, make: () => formCard({ ...filled, errors }) };
      yield { template, look: `${look}, notice`, make: () => formCard({ ...filled, notice: said[look] }) };
    }
  }
}

function* requests(): Generator<Sample> {
  const audiences: Audience[] = ['requester', 'approver', 'reader'];
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
          yield { template, look: `${name}, in trouble`, make: () => requestCard({ ...request, trouble }, audience) };
          yield { template, look: `${name}, refused`, make: () => requestCard(request, audience, { refusal }) };
          const reason = refusalOf('reason-too-long', look);
          yield {
            template,
            look: `${name}, with a reason`,
            make: () => requestCard(request, audience, { refusal: reason, typedReason: said[look] }),
          };
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
  'resent',
  'resend-asked',
  'troubled',
  'cleared',
];

function* messages(): Generator<Sample> {
  const template = 'message';
  yield { template, look: 'bare', make: () => messageCard({ title: 'Cancelled', lines: [] }) };
  for (const look of looks) {
    for (const code of Object.keys(catalogue) as ErrorCode[])
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
          detail: { ...trouble, reason: said[look], attempt: 1 },
        };
        const notice = noticeOf(event, requestOf(kind, look, 'waiting'));
        if (notice) yield { template, look: `notice of ${what}, ${look}`, make: () => messageCard(notice.message) };
      }
  }
}

/** Every look of every card, with texts as short, as long and as foreign as they get. */
export const samples = (): Sample[] => [...forms(), ...requests(), ...lists(), ...messages()];
