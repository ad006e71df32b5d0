import type { Config } from '../config.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Person } from '../people/person.ts';
import type { Batch } from '../requests/batch.ts';
import type { Request } from '../requests/request.ts';
import type { Work } from '../requests/store.ts';
import type { PageAs } from '../views/form.ts';
import type { Audience } from '../views/request.ts';
import type { Card } from '../views/templates.ts';
import type { IncomingActivity } from './incoming.ts';

/** What a command or a button has at hand: who, where, and the transaction it works in. */
export interface Turn extends Work {
  person: Person;
  activity: IncomingActivity;
  config: Config;
  jobs: Jobs;
}

/**
 * What the person gets. `here`: in place of the card they clicked (a typed command has none, so it is posted).
 * `below`: as a new post, the clicked card stays.
 */
export type Answer =
  | { show: 'card'; card: Card; summary: string; where: 'here' | 'below' }
  | {
      show: 'batch';
      batch: Batch;
      audience: Audience;
      card: Card;
      where: 'here' | 'below';
      /** Posted below it. */
      also?: { card: Card; summary: string };
    }
  | { show: 'request'; request: Request; audience: Audience; card: Card; where: 'here' | 'below' };

export const here = (card: Card, summary: string): Answer => ({ show: 'card', card, summary, where: 'here' });
export const below = (card: Card, summary: string): Answer => ({ show: 'card', card, summary, where: 'below' });

/** The Agents Playground opens no pages (version 0.2.28 says so), so that in development there is a link. */
export const pageAs = ({ config }: Turn): PageAs => (config.ALLOW_UNAUTHENTICATED ? 'link' : 'dialog');
