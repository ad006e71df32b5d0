import type board from './board.json';
import type chat from './chat.json';
import type dialog from './dialog.json';
import type errors from './errors.json';
import type sip from './sip.json';
import type tab from './tab.json';
import type work from './work.json';

/** The rooms that have something to say, with their messages: what `say` takes. English decides which there are. */
export interface Rooms {
  board: typeof board;
  chat: typeof chat;
  dialog: typeof dialog;
  errors: typeof errors;
  sip: typeof sip;
  tab: typeof tab;
  work: typeof work;
}
