import { randomInt } from 'node:crypto';
import * as z from 'zod';
import type { Letter } from './mail.ts';
import type { Outgoing } from './outgoing.ts';
import type { State } from './state.ts';
import type { Store } from './store.ts';

/** The latest invitation; a resend replaces the code, so that an older mail's link no longer works. */
export const invitationSchema = z.object({
  code: z.string(),
  mail: z.enum(['queued', 'sent', 'failed']),
  mailsSent: z.number().int(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const newInvitation = (): Invitation => ({ code: newCode(), mail: 'queued', mailsSent: 0 });

/** The same invitation under a new code, its mail still to be sent. */
export const renewed = (invitation: Invitation): Invitation => ({ ...invitation, code: newCode(), mail: 'queued' });

/** Without the signs people mix up (0 O 1 I L), because it is also typed by hand. About 59 bits. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** Three groups of four, such as `7KQM-2XWD-PHRA`. */
export function newCode(): string {
  const signs = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]);
  return [0, 4, 8].map((start) => signs.slice(start, start + 4).join('')).join('-');
}

/** What is invited by e-mail: a reseller, an enterprise. */
export interface Invited<One extends { invitation: Invitation }> {
  /** For the log. */
  what: string;
  find(state: State, id: number): One | undefined;
  /** Whether there is still somebody to invite. */
  open(one: One): boolean;
  /** Puts a new code in place. @throws Refusal when there is nobody to invite */
  renew(draft: State, id: number): One;
  letter(one: One): Letter;
}

/** Starts the mail of the latest invitation in the background. */
export interface Invite<One> {
  (id: number): void;
  /** The same with a new code. @throws Refusal 404, or 400 when there is nobody to invite */
  again(id: number): Promise<One>;
}

/** How one kind of thing is invited: each mail goes out in the background, and the state says what became of it. */
export function inviting<One extends { invitation: Invitation }>(
  { store, outgoing, post }: { store: Store; outgoing: Outgoing; post: (letter: Letter) => Promise<void> },
  { what, find, open, renew, letter }: Invited<One>,
): Invite<One> {
  const send = (id: number) => {
    const code = find(store.state, id)?.invitation.code;
    // A resend or the answer to the invitation has overtaken this mail: then there is nothing left to say.
    const current = () => {
      const one = find(store.state, id);
      return one && one.invitation.code === code && open(one) ? one : undefined;
    };
    let overtaken = false;
    const attempt = async () => {
      const one = current();
      overtaken = !one;
      if (one) await post(letter(one));
    };
    outgoing.start(`invitation of ${what} ${id}`, attempt, (sent) =>
      store.change((draft) => {
        const invitation = find(draft, id)?.invitation;
        if (!invitation || overtaken) return;
        if (sent) invitation.mailsSent += 1;
        if (invitation.code === code) invitation.mail = sent ? 'sent' : 'failed';
      }),
    );
  };
  return Object.assign(send, {
    async again(id: number) {
      const one = await store.change((draft) => renew(draft, id));
      send(id);
      return one;
    },
  });
}
