import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { trail, verify } from '../requests/audit.ts';
import { parseId, shown } from '../requests/request.ts';
import { load } from '../requests/store.ts';
import { auditLine } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { happeningLabel } from '../views/request.ts';
import { cut, moment, plain } from '../views/text.ts';
import { command } from './command.ts';
import { below } from './turn.ts';

/** Events on one card: the latest; more would make it too big. */
const shownEvents = 25;

export const audit = command('audit', {
  topic: 'see',
  roles: ['administrator', 'approver'],
  async run(turn, rest) {
    if (rest.toLowerCase() === 'verify') {
      const verdict = await verify(turn.trx, turn.person.tenantId);
      const card = verdict.whole
        ? messageCard({
            title: say('chat.audit.whole.title'),
            lines: [
              say('chat.audit.whole', { count: verdict.count }),
              say('chat.audit.whole.keep', { last: verdict.last.slice(0, 16) || say('chat.audit.none') }),
            ],
            style: 'good',
          })
        : messageCard({
            title: say('chat.audit.altered.title'),
            lines: [
              say('chat.audit.altered', { id: shown(verdict.requestId), when: moment(verdict.at) }),
              say('chat.audit.altered.tell'),
            ],
            style: 'attention',
          });
      return below(card, say('chat.audit.title'));
    }
    const id = parseId(rest);
    if (!id) throw new Refusal('request-unknown', { id: cut(rest, 40) || say('chat.audit.which') });
    const request = await load(turn.trx, turn.person.tenantId, id);
    const events = await trail(turn.trx, turn.person.tenantId, id, shownEvents);
    return below(
      listCard({
        title: `${shown(id)} ${plain(request.name)}`,
        intro: events.length === shownEvents ? say('chat.audit.latest', { count: shownEvents }) : say('chat.audit.all'),
        rows: events.map((event) => {
          const { reason, entered } = event.detail as { reason?: unknown; entered?: unknown };
          const line = auditLine(request.kind, event.detail);
          const said = [entered, reason, line && cut(line, 300)]
            .filter(Boolean)
            .map((text) => ` · ${plain(String(text))}`);
          return {
            title: happeningLabel(event.what),
            subtitle: `${moment(event.at)} · ${plain(event.actorName ?? say('chat.audit.bot'))}${said.join('')}`,
          };
        }),
      }),
      say('chat.audit.title'),
    );
  },
});
