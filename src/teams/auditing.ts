import { Refusal } from '../errors.ts';
import { trail, verify } from '../requests/audit.ts';
import { parseId, shown } from '../requests/request.ts';
import { load } from '../requests/store.ts';
import { auditLine } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { happeningLabel } from '../views/request.ts';
import { cut, moment, plain } from '../views/text.ts';
import type { Command } from './commands.ts';
import { below } from './turn.ts';

/** Events on one card: the latest; more would make it too big. */
const shownEvents = 25;

export const audit: Command = {
  words: ['audit'],
  usage: 'audit R-1001, or audit verify',
  does: 'Shows who did what and when; verify proves that nothing in the trail was altered.',
  topic: 'see',
  roles: ['administrator', 'approver'],
  async run(turn, rest) {
    if (rest.toLowerCase() === 'verify') {
      const verdict = await verify(turn.trx, turn.person.tenantId);
      const card = verdict.whole
        ? messageCard({
            title: 'The audit trail is whole',
            lines: [
              `All ${verdict.count} events of your organisation are as they were written.`,
              `To prove later that none was cut off at the end, keep this: ${verdict.last.slice(0, 16) || '(no events yet)'}`,
            ],
            style: 'good',
          })
        : messageCard({
            title: 'The audit trail was altered',
            lines: [
              `From an event of ${shown(verdict.requestId)} at ${moment(verdict.at)} on, it is not as it was written.`,
              'Tell your operator: somebody changed the database by hand.',
            ],
            style: 'attention',
          });
      return below(card, 'Audit trail');
    }
    const id = parseId(rest);
    if (!id) throw new Refusal('request-unknown', { id: cut(rest, 40) || '(write its id, such as R-1001)' });
    const request = await load(turn.trx, turn.person.tenantId, id);
    const events = await trail(turn.trx, turn.person.tenantId, id, shownEvents);
    return below(
      listCard({
        title: `${shown(id)} ${plain(request.name)}`,
        intro:
          events.length === shownEvents ? `The latest ${shownEvents} events.` : 'Everything that happened, in order.',
        rows: events.map((event) => {
          const { reason, entered } = event.detail as { reason?: unknown; entered?: unknown };
          const line = auditLine(request.kind, event.detail);
          const said = [entered, reason, line && cut(line, 300)]
            .filter(Boolean)
            .map((text) => ` · ${plain(String(text))}`);
          return {
            title: happeningLabel(event.what),
            subtitle: `${moment(event.at)} · ${plain(event.actorName ?? 'the bot')}${said.join('')}`,
          };
        }),
      }),
      'Audit trail',
    );
  },
};
