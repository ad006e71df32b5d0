import { entryOf } from '../catalog/index.ts';
import type { Happening } from '../requests/lifecycle.ts';
import { type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { commandButton, plainButton } from '../views/buttons.ts';
import { againButtons, outcome, subjectOf } from '../views/change.ts';
import type { Message } from '../views/message.ts';
import { labelOf } from '../views/request.ts';
import { moment, plain } from '../views/text.ts';

/** Who hears of it: whoever asked, the channel that decides, the one that reads along, the one of the operators. */
export type Listener = 'requester' | 'approvals' | 'notifications' | 'tasks';

/** Something that happened to a request, as the audit trail has it. */
export interface Event {
  id: string;
  what: Happening;
  actorName: string | undefined;
  at: Date;
  detail: Record<string, unknown>;
}

export interface Notice {
  to: readonly Listener[];
  /** What a notification shows: no Markdown, so nothing in it is escaped. */
  summary: string;
  message: Message;
}

/**
 * What is said about an event, and to whom; nothing for what the live cards tell well enough. Pure: the same event always
 * gives the same notice, so a repeat of the work says nothing twice.
 */
export function noticeOf(event: Event, request: Request): Notice | undefined {
  const entry = entryOf(request.kind);
  const name = plain(request.name);
  const who = event.actorName ? plain(event.actorName) : 'Nobody';
  const thing = `${subjectOf(request)} **${name}**`;
  const isNew = request.operation === 'add';
  const reason = typeof event.detail.reason === 'string' ? plain(event.detail.reason) : '';
  const trouble = [event.detail.says, event.detail.next].filter((text) => typeof text === 'string').map(plain);
  const notice = (
    to: readonly Listener[],
    title: (name: string) => string,
    style: Message['style'],
    ...lines: string[]
  ): Notice => ({
    to,
    summary: title(request.name),
    message: {
      title: title(name),
      about: shown(request.id),
      ...(style && { style }),
      lines,
      actions: [{ ...plainButton('Show', { verb: 'show', id: request.id }), tooltip: `Show ${shown(request.id)}` }],
    },
  });
  const everybody = ['requester', 'notifications'] as const;

  switch (event.what) {
    case 'stopped':
      return notice(
        ['requester'],
        (name) => `⚠️ ${name}: the check found something`,
        'warning',
        `Nobody was asked to approve the ${thing} yet. Its card says what to mend.`,
        ...trouble,
      );
    case 'submitted':
    case 'passed':
    case 'insist':
      // What is checked first is put before the approvers when that is over.
      if (event.what === 'submitted' && entry.checked && request.operation === 'add') return undefined;
      return notice(
        ['notifications'],
        (name) => `⏳ ${name}: approval asked for`,
        'emphasis',
        `${event.what === 'passed' ? plain(request.requester.name) : who} asks for the ${thing}. Waiting for an approver since ${moment(event.at)}.`,
        ...(reason ? [`Reason: ${reason}`] : []),
      );
    case 'created':
      return notice(
        ['notifications'],
        (name) => `⏳ ${name}: waiting for activation`,
        'emphasis',
        `${entry.begun ? `The ${thing} has begun. ${entry.begun}` : request.task && event.actorName ? `${who} has created the ${thing} in TeamMate.` : `TeamMate has created the ${thing}.`} Waiting for ${plain(entry.waitingFor(request.content))}, since ${moment(event.at)}.`,
      );
    case 'activated':
      return notice(everybody, (name) => `✅ ${name} is active`, 'good', plain(entry.active(request.content)));
    case 'done':
      // What the bot has set up itself; who asked is welcomed instead.
      if (entry.local)
        return notice(
          ['notifications'],
          (name) => `✅ ${name} is active`,
          'good',
          plain(entry.active(request.content)),
        );
      return notice(
        everybody,
        (name) => `${labelOf(request).icon} ${name}: ${labelOf(request).label.toLowerCase()}`,
        'good',
        `The ${thing} is done. ${plain(outcome(request))}`.trim(),
      );
    case 'void': {
      const said = notice(everybody, (name) => `🚫 ${name}: void`, 'attention', `The ${thing} is void.`, ...trouble);
      return { ...said, message: { ...said.message, actions: [...said.message.actions!, ...againButtons(request)] } };
    }
    case 'reject':
      return notice(
        everybody,
        (name) => `⛔ ${name}: rejected`,
        'attention',
        `${who} rejected the ${thing}.`,
        `Reason: ${reason}`,
      );
    case 'withdraw':
      return notice(
        ['notifications'],
        (name) => `↩️ ${name}: withdrawn`,
        'default',
        `${who} withdrew the ${thing}. ${reason}`.trim(),
      );
    case 'expire':
      return notice(
        everybody,
        (name) => `⌛ ${name}: expired`,
        'attention',
        isNew && request.reference
          ? `Nobody activated the ${thing} in time. It is no longer followed.`
          : `Nobody decided on the ${thing} in time. ${reason}`.trim(),
      );
    case 'fail':
      return notice(
        everybody,
        (name) => `❌ ${name}: failed`,
        'attention',
        `The ${thing} could not be ${entry.local ? 'set up' : isNew ? 'provisioned' : 'carried out'}.`,
        ...trouble,
      );
    case 'reminded':
      return notice(
        remindedOf(request),
        (name) => `⏰ ${name}: still waiting`,
        'warning',
        `The ${thing} is waiting for ${plain(waitingFor(request) ?? 'nobody')}, since ${moment(waitingSince(request))}.`,
      );
    case 'asked':
      return notice(['notifications'], (name) => `✉️ ${name}: the customer is asked`, 'default', ...asked(event, thing));
    case 'overdue':
      return notice(
        everybody,
        (name) => `⏰ ${name}: takes longer than it should`,
        'warning',
        `The ${thing} is late.`,
        ...trouble,
      );
    case 'lost':
      return notice(
        ['notifications'],
        (name) => `🔴 ${name}: registration lost`,
        'attention',
        `The ${thing} is no longer registered: ${reason}`,
      );
    case 'regained':
      return notice(
        ['notifications'],
        (name) => `🟢 ${name}: registered again`,
        'good',
        `The ${thing} is registered again.`,
      );
    case 'resent':
      return notice(
        ['notifications'],
        (name) => `✉️ ${name}: e-mail sent again`,
        'default',
        `Still waiting for ${plain(waitingFor(request) ?? 'nobody')}, since ${moment(waitingSince(request))}.`,
      );
    case 'resend-asked':
      return request.task
        ? notice(
            ['tasks'],
            (name) => `✉️ ${name}: e-mail to be sent again`,
            'emphasis',
            `${who} asks for it: ${plain(entry.resend ?? 'Resend')}, of the ${thing}. Do it in TeamMate’s portal, then click Sent again on its card.`,
          )
        : undefined;
    case 'troubled':
      // The first attempt is worth a word; the rest show on the cards.
      return event.detail.attempt === 1 || event.detail.nextTry === undefined
        ? notice(['notifications'], (name) => `⚠️ ${name}: TeamMate does not answer as it should`, 'warning', ...trouble)
        : undefined;
    default:
      return undefined;
  }
}

/** Who is reminded: who has to act, and those who wait. */
function remindedOf({ state, task }: Request): readonly Listener[] {
  if (state === 'pending') return ['approvals'];
  if (state === 'unready') return ['requester'];
  if (state === 'provisioning') return ['tasks', 'notifications'];
  return task ? ['requester', 'notifications', 'tasks'] : ['requester', 'notifications'];
}

/** What whoever asked is told to do next, once what they asked for is live. */
export function welcomeOf(event: Event, request: Request): Notice | undefined {
  const welcome = event.what === 'done' ? entryOf(request.kind).welcome?.(request.content) : undefined;
  if (!welcome) return undefined;
  const title = 'Welcome to TeamMate';
  return {
    to: ['requester'],
    summary: title,
    message: {
      title,
      style: 'good',
      lines: welcome.lines.map(plain),
      actions: welcome.commands.map(({ title, command }) => commandButton(title, command)),
    },
  };
}

/** Whom the customer was asked through, and for what; never the links themselves. */
function asked({ detail: { by, to, what } }: Event, thing: string): string[] {
  const [email, wanted] = [to, what].map((text) => (typeof text === 'string' ? plain(text) : ''));
  return by === 'chat'
    ? [`For the ${thing}, whoever asked has the links in their chat, to forward to ${email}: ${wanted}.`]
    : [`For the ${thing}, an e-mail with the links went to ${email}: ${wanted}.`];
}
