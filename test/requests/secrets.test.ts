import { apart, dropSecrets, keepSecrets, openSecrets, secretsLeft } from '../../src/requests/secrets.ts';
import { tidy } from '../../src/requests/tidy.ts';
import { newKey, readKeys, SecretsLost } from '../../src/secrets/keyring.ts';
import { asked, headOffice } from '../provisioning/pbx-orders.ts';
import { openWorkroom, type Workroom } from '../provisioning/workroom.ts';
import { alex, foreignTenantId, tenantId } from '../support/people.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
const keys = readKeys(newKey())!;

/** A form of Alex' that can be submitted until then. */
async function formUntil(expires: Date): Promise<{ nonce: string }> {
  const nonce = `nonce-of-${expires.getTime()}`;
  const form = { nonce, tenant_id: tenantId, directory_id: alex.aadObjectId, kind: 'pbx' as const };
  await room.db
    .insertInto('forms')
    .values({ ...form, replaces: null, request_id: null, expires_at: expires })
    .execute();
  return { nonce };
}
const keep = (owner: Parameters<typeof keepSecrets>[3], secrets: Record<string, string>) =>
  room.transact(({ trx }) => keepSecrets(trx, keys, tenantId, owner, secrets));
const open = (owner: Parameters<typeof keepSecrets>[3], tenant = tenantId) => openSecrets(room.db, keys, tenant, owner);

describe('the secrets of a request or a form', () => {
  test('are its own: replaced as a whole, and gone when there are none', async () => {
    const owner = { requestId: (await asked(room)).id };
    await keep(owner, { password: 'a', clientSecret: 'b' });
    expect(await open(owner)).toEqual({ password: 'a', clientSecret: 'b' });
    await keep(owner, { password: 'c' });
    expect(await open(owner)).toEqual({ password: 'c' });
    await keep(owner, {});
    expect(await open(owner)).toEqual({});
  });

  test('are not another tenant’s, though the number is the same', async () => {
    const owner = { requestId: (await asked(room)).id };
    await keep(owner, { password: 'a' });
    expect(await open(owner, foreignTenantId)).toEqual({});
  });

  test('do not open in the place of another one’s, or under the name of another field', async () => {
    const [one, two] = [await asked(room), await asked(room)];
    await keep({ requestId: one.id }, { password: 'of one' });
    await keep({ requestId: two.id }, { password: 'of two' });
    const envelopes = room.db.selectFrom('secrets').select('envelope');
    const { envelope } = await envelopes.where('request_id', '=', one.id).executeTakeFirstOrThrow();
    const swap = room.db.updateTable('secrets').where('request_id', '=', two.id);
    await swap.set({ envelope }).execute();
    await expect(open({ requestId: two.id })).rejects.toThrow(SecretsLost);
    await room.db
      .updateTable('secrets')
      .set({ fields: ['clientSecret'] })
      .where('request_id', '=', one.id)
      .execute();
    await expect(open({ requestId: one.id })).rejects.toThrow(SecretsLost);
  });

  test('that no key opens have to be typed again', async () => {
    const owner = { requestId: (await asked(room)).id };
    await keep(owner, { password: 'a' });
    for (const other of [undefined, readKeys(newKey())]) {
      await expect(openSecrets(room.db, other, tenantId, owner)).rejects.toThrow(SecretsLost);
      expect(await secretsLeft(room.db, other, tenantId, owner)).toEqual({});
    }
  });

  test('of a form go with it as soon as it can no longer be submitted', async () => {
    const now = room.clock();
    const over = await formUntil(now);
    const living = await formUntil(new Date(now.getTime() + 1));
    for (const form of [over, living]) await keep(form, { password: 'typed' });
    await tidy(room.db, now);
    expect(await open(over)).toEqual({});
    expect(await open(living)).toEqual({ password: 'typed' });
    await room.db.deleteFrom('forms').where('nonce', '=', living.nonce).execute();
    expect(await open(living)).toEqual({});
    await room.transact(({ trx }) => dropSecrets(trx, living));
  });

  test('are taken out of an order, and what is left of it holds none', () => {
    const { open: rest, secrets } = apart('pbx', headOffice);
    expect(secrets).toEqual({
      password: headOffice.password,
      clientSecret: headOffice.clientSecret,
      masqueradingPassword: headOffice.masqueradingPassword,
    });
    expect(Object.keys({ ...rest, ...secrets }).sort()).toEqual(Object.keys(headOffice).sort());
    for (const secret of Object.values(secrets)) expect(JSON.stringify(rest)).not.toContain(secret);
  });
});
