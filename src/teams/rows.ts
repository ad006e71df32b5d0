import { say } from '../language/say.ts';
import { type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { type Button, plainButton } from '../views/buttons.ts';
import { moment, plain } from '../views/text.ts';

/** Shows one request of a list. */
export const showButton = ({ id }: Pick<Request, 'id'>): Button => ({
  ...plainButton(say('chat.show'), { verb: 'show', id }),
  tooltip: say('chat.show.one', { name: shown(id) }),
});

/** How a request stands, with who is waited for if anybody is. */
export function waiting(request: Request, standing: string): string {
  const who = waitingFor(request);
  return who ? say('chat.row.waiting', { standing, who: plain(who), when: moment(waitingSince(request)) }) : standing;
}
