import { entryOf } from '../catalog/index.ts';
import type { Happening } from '../requests/lifecycle.ts';
import { type Request, shown, waitingFor } from '../requests/request.ts';
import { commandButton, plainButton } from '../views/buttons.ts';
import type { Message } from '../views/message.ts';
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
  const thing = `${entry.noun} **${name}** (${shown(request.id)})`;
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
      ...(style && { style }),
      lines,
      actions: [{ ...plainButton('Show', { verb: 'show', id: request.id }), tooltip: `Show ${shown(request.id)}` }],
    },
  });
  const everybody = ['requester', 'notifications'] as const;

  switch (event.what) {
    case 'submitted':
      return notice(
        ['notifications'],
        (name) => `⏳ ${name}: approval asked for`,
        'emphasis',
        `${who} asks for the ${thing}. Waiting for an approver since ${moment(event.at)}.`,
      );
    case 'created':
      return notice(
        ['notifications'],
        (name) => `⏳ ${name}: waiting for activation`,
        'emphasis',
        `${request.task && event.actorName ? `${who} has created the ${thing} in TeamMate.` : `TeamMate has created the ${thing}.`} Waiting for ${plain(entry.waitingFor(request.content))}, since ${moment(event.at)}.`,
      );
    case 'activated':
      return notice(
        everybody,
        (name) => `✅ ${name} is active`,
        'good',
        `${plain(entry.active(request.content))} (${shown(request.id)})`,
      );
    case 'done':
      // What the bot has set up itself; who asked is welcomed instead.
      return entry.local
        ? notice(
            ['notifications'],
            (name) => `✅ ${name} is active`,
            'good',
            `${plain(entry.active(request.content))} (${shown(request.id)})`,
          )
        : undefined;
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
        request.reference
          ? `Nobody activated the ${thing} in time. It is no longer followed.`
          : `Nobody decided on the ${thing} in time.`,
      );
    case 'fail':
      return notice(
        everybody,
        (name) => `❌ ${name}: failed`,
        'attention',
        `The ${thing} could not be ${entry.local ? 'set up' : 'provisioned'}.`,
        ...trouble,
      );
    case 'reminded':
      return notice(
        remindedOf(request),
        (name) => `⏰ ${name}: still waiting`,
        'warning',
        `The ${thing} is waiting for ${plain(waitingFor(request) ?? 'nobody')}, since ${moment(request.since)}.`,
      );
    case 'resent':
      return notice(
        ['notifications'],
        (name) => `✉️ ${name}: e-mail sent again`,
        'default',
        `Still waiting for ${plain(waitingFor(request) ?? 'nobody')}, since ${moment(request.since)}.`,
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
