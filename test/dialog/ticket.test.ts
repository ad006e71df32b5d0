import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { readTicket, type Ticket, ticketLifetime, writeTicket } from '../../src/dialog/ticket.ts';
import { newKey, readKeys } from '../../src/secrets/keyring.ts';

const [old, fresh] = [newKey(), newKey()];
const ringOf = (...keys: string[]) => {
  const ring = readKeys(keys.join(','));
  if (!ring) throw new Error('no keys');
  return ring;
};
const ring = ringOf(old);
const ticket: Ticket = {
  tenantId: 'tenant',
  directoryId: 'alex',
  nonce: 'a-nonce-of-a-form',
  conversationId: 'a:1',
  activityId: '17',
};
const now = new Date('2026-11-02T08:30:00Z');
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

describe('a ticket', () => {
  test('says what it was written with, for as long as it holds', async () => {
    const text = await writeTicket(ring, ticket, now);
    expect(await readTicket(ring, text, later(ticketLifetime - 1000))).toEqual(ticket);
  });

  test('need not name the card', async () => {
    const { activityId: _, ...bare } = ticket;
    expect(await readTicket(ring, await writeTicket(ring, bare, now), now)).toEqual({ ...bare, activityId: undefined });
  });

  test('fits behind the # of an address', async () => {
    expect(await writeTicket(ring, ticket, now)).toMatch(/^[\w.-]{1,1000}$/);
  });

  test('is over when its time is', async () => {
    expect(await readTicket(ring, await writeTicket(ring, ticket, now), later(ticketLifetime + 1000))).toBeUndefined();
  });

  test('still holds when a new key was put in front of the one it was signed with, and not when that is gone', async () => {
    const text = await writeTicket(ring, ticket, now);
    expect(await readTicket(ringOf(fresh, old), text, now)).toEqual(ticket);
    expect(await readTicket(ringOf(fresh), text, now)).toBeUndefined();
  });

  test('is nothing when a letter of it is another, wherever', async () => {
    const text = await writeTicket(ring, ticket, now);
    // Not the very last: of its six bits two say nothing.
    for (let at = 0; at < text.length - 1; at += 7) {
      const letter = text[at] === 'A' ? 'B' : 'A';
      expect(await readTicket(ring, text.slice(0, at) + letter + text.slice(at + 1), now)).toBeUndefined();
    }
  });

  const bare = () => ({ ...decodeJwtOf, tid: 'tenant', form: ticket.nonce, in: 'a:1' });
  const decodeJwtOf = { sub: 'alex', aud: 'form-page', exp: later(60_000).getTime() / 1000 };

  test('is nothing without a signature', async () => {
    const unsigned = new UnsecuredJWT(bare()).encode();
    expect(decodeJwt(unsigned).sub).toBe('alex');
    expect(await readTicket(ring, unsigned, now)).toBeUndefined();
    const signed = await writeTicket(ring, ticket, now);
    expect(await readTicket(ring, `${signed.split('.').slice(0, 2).join('.')}.`, now)).toBeUndefined();
  });

  const derived = () => ring.derived('teammate-bot form page v1')[0]!;
  const signedBy = (key: Uint8Array, claims: object, alg = 'HS256') =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(key);

  test.each([
    ['signed with the key that seals secrets', () => signedBy(Buffer.from(old, 'base64'), bare())],
    ['signed with the key of another purpose', () => signedBy(ring.derived('another')[0]!, bare())],
    ['signed another way', () => signedBy(Buffer.concat([derived(), derived()]), bare(), 'HS512')],
    ['for somebody else to read', () => signedBy(derived(), { ...bare(), aud: 'api' })],
    ['without an end', () => signedBy(derived(), { ...bare(), exp: undefined })],
    ['of nobody', () => signedBy(derived(), { ...bare(), sub: undefined })],
    ['for no form', () => signedBy(derived(), { ...bare(), form: undefined })],
    ['of another shape', () => signedBy(derived(), { ...bare(), tid: { $ne: '' } })],
    ['that is no text of ours', async () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['that is empty', async () => ''],
  ])('is nothing when it is one %s', async (_what, made) => {
    expect(await readTicket(ring, await signedBy(derived(), bare()), now)).toBeDefined();
    expect(await readTicket(ring, await made(), now)).toBeUndefined();
  });
});
