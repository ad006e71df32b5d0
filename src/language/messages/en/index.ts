import type board from './board.json';
import type cards from './cards.json';
import type catalog from './catalog.json';
import type chat from './chat.json';
import type commands from './commands.json';
import type dialog from './dialog.json';
import type errors from './errors.json';
import type notices from './notices.json';
import type people from './people.json';
import type sip from './sip.json';
import type tab from './tab.json';
import type ways from './ways.json';
import type work from './work.json';

/** The rooms that have something to say, with their messages: what `say` takes. English decides which there are. */
export interface Rooms {
  board: typeof board;
  cards: typeof cards;
  catalog: typeof catalog;
  chat: typeof chat;
  commands: typeof commands;
  dialog: typeof dialog;
  errors: typeof errors;
  notices: typeof notices;
  people: typeof people;
  sip: typeof sip;
  tab: typeof tab;
  ways: typeof ways;
  work: typeof work;
}
