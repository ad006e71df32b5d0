import { entryOf } from '../catalog/index.ts';
import type { Trouble } from '../db/schema.ts';
import { saidAgain } from '../errors.ts';
import { locale } from '../language/reader.ts';
import { type Key, type Params, say } from '../language/say.ts';
import type { Happening } from '../requests/lifecycle.ts';
import { type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { showButton } from '../teams/rows.ts';
import { commandButton } from '../views/buttons.ts';
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
  const who = event.actorName ? plain(event.actorName) : say('notices.nobody');
  // How a request stands in a sentence; a translation puts its parts where they belong.
  const thing = { subject: subjectOf(request), name: plain(request.name) };
  const isNew = request.operation === 'add';
  const reason = typeof event.detail.reason === 'string' ? plain(event.detail.reason) : '';
  const because = reason ? [say('notices.reason', { reason })] : [];
  const trouble = troubleIn(event);
  const waits = {
    who: plain(waitingFor(request) ?? say('notices.nobody.waited')),
    when: moment(waitingSince(request)),
  };
  const notice = (
    to: readonly Listener[],
    title: Key,
    style: Message['style'],
    lines: string[],
    params: Params = {},
  ): Notice => ({
    to,
    summary: say(title, { ...params, name: request.name }),
    message: {
      title: say(title, { ...params, name: thing.name }),
      about: shown(request.id),
      ...(style && { style }),
      lines,
      actions: [showButton(request)],
    },
  });
  const everybody = ['requester', 'notifications'] as const;

  switch (event.what) {
    case 'stopped':
      return notice(['requester'], 'notices.stopped.title', 'warning', [say('notices.stopped', thing), ...trouble]);
    case 'submitted':
    case 'passed':
    case 'insist': {
      // What is checked first is put before the approvers when that is over.
      if (event.what === 'submitted' && entry.checked && request.operation === 'add') return undefined;
      const by = event.what === 'passed' ? plain(request.requester.name) : who;
      const asks = say('notices.asks', { ...thing, who: by, when: moment(event.at) });
      return notice(['notifications'], 'notices.asks.title', 'emphasis', [asks, ...because]);
    }
    case 'created': {
      const waiting = { who: plain(entry.waitingFor(request.content)), when: moment(event.at) };
      const says = entry.begun
        ? say('notices.begun', { ...thing, ...waiting, begun: entry.begun })
        : request.task && event.actorName
          ? say('notices.created.by', { ...thing, ...waiting, by: who })
          : say('notices.created', { ...thing, ...waiting });
      return notice(['notifications'], 'notices.created.title', 'emphasis', [says]);
    }
    case 'activated':
      return notice(everybody, 'notices.active.title', 'good', [plain(entry.active(request.content))]);
    case 'done': {
      // What the bot has set up itself; who asked is welcomed instead.
      if (entry.local)
        return notice(['notifications'], 'notices.active.title', 'good', [plain(entry.active(request.content))]);
      const { icon, label } = labelOf(request);
      const says = `${say('notices.done', thing)} ${plain(outcome(request))}`.trim();
      return notice(everybody, 'notices.done.title', 'good', [says], {
        icon: icon ?? '',
        label: label.toLocaleLowerCase(locale()),
      });
    }
    case 'void': {
      const said = notice(everybody, 'notices.void.title', 'attention', [say('notices.void', thing), ...trouble]);
      return { ...said, message: { ...said.message, actions: [...said.message.actions!, ...againButtons(request)] } };
    }
    case 'reject':
      return notice(everybody, 'notices.rejected.title', 'attention', [
        say('notices.rejected', { ...thing, who }),
        say('notices.reason', { reason }),
      ]);
    case 'withdraw':
      return notice(['notifications'], 'notices.withdrawn.title', 'default', [
        `${say('notices.withdrawn', { ...thing, who })} ${reason}`.trim(),
      ]);
    case 'expire':
      return notice(everybody, 'notices.expired.title', 'attention', [
        isNew && request.reference
          ? say('notices.expired.activation', thing)
          : `${say('notices.expired', thing)} ${reason}`.trim(),
      ]);
    case 'fail':
      return notice(everybody, 'notices.failed.title', 'attention', [
        say(`notices.failed.${entry.local ? 'local' : isNew ? 'new' : 'change'}`, thing),
        ...trouble,
      ]);
    case 'reminded':
      return notice(remindedOf(request), 'notices.reminded.title', 'warning', [
        say('notices.reminded', { ...thing, ...waits }),
      ]);
    case 'asked':
      return notice(['notifications'], 'notices.asked.title', 'default', [asked(event, thing)]);
    case 'overdue':
      return notice(everybody, 'notices.overdue.title', 'warning', [say('notices.overdue', thing), ...trouble]);
    case 'lost':
      return notice(['notifications'], 'notices.lost.title', 'attention', [say('notices.lost', { ...thing, reason })]);
    case 'regained':
      return notice(['notifications'], 'notices.regained.title', 'good', [say('notices.regained', thing)]);
    case 'resent':
      return notice(['notifications'], 'notices.resent.title', 'default', [say('notices.resent', waits)]);
    case 'resend-asked': {
      if (!request.task) return undefined;
      const what = plain(entry.resend ?? say('notices.resend'));
      return notice(['tasks'], 'notices.resend.title', 'emphasis', [
        say('notices.resend.asked', { ...thing, who, what }),
      ]);
    }
    case 'troubled':
      // The first attempt is worth a word; the rest show on the cards.
      return event.detail.attempt === 1 || event.detail.nextTry === undefined
        ? notice(['notifications'], 'notices.troubled.title', 'warning', trouble)
        : undefined;
    default:
      return undefined;
  }
}

/** Why it does not move, in the reader's language where it is known what that is made of. */
function troubleIn({ detail }: Event): string[] {
  const { code, says, next } = detail;
  const kept = [says, next].filter((text) => typeof text === 'string');
  if (typeof code !== 'string' || kept.length < 2) return kept.map(plain);
  const again = saidAgain({ ...(detail as Pick<Trouble, 'details'>), code, says: kept[0] ?? '', next: kept[1] ?? '' });
  return [again.says, again.next].map(plain);
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
  const title = say('notices.welcome.title');
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
function asked({ detail: { by, to, what } }: Event, thing: Params): string {
  const [email = '', wanted = ''] = [to, what].map((text) => (typeof text === 'string' ? plain(text) : ''));
  return say(by === 'chat' ? 'notices.asked.chat' : 'notices.asked.mail', { ...thing, email, what: wanted });
}
