import type chat from './chat.json';
import type errors from './errors.json';
import type sip from './sip.json';
import type work from './work.json';

/** The rooms that have something to say, with their messages: what `say` takes. English decides which there are. */
export interface Rooms {
  chat: typeof chat;
  errors: typeof errors;
  sip: typeof sip;
  work: typeof work;
}
