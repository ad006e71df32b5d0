import type { PbxOrder } from '../../src/catalog/pbx.ts';
import type { Request } from '../../src/requests/request.ts';
import { apart, keepSecrets } from '../../src/requests/secrets.ts';
import { insert, move } from '../../src/requests/store.ts';
import { alex, megan, tenantId } from '../support/people.ts';
import type { Workroom } from './workroom.ts';

/** Of Proseware, in the simulator's seed. */
export const headOffice: PbxOrder = {
  enterprise: '5901',
  pbxType: '1',
  location: 'Head Office',
  lookup: 'A',
  domain: 'pbx.proseware.example',
  proxy: '127.0.0.1:5070',
  transport: 'UDP',
  port: '',
  expiry: '300',
  voicemail: '*97',
  user: 'teammate',
  authId: 'teammate-auth',
  password: 'sip-secret ',
  authorizationUrl: 'https://pbx.proseware.example/ns-api/oauth2/token/',
  clientId: 'proseware',
  clientSecret: 'client-secret',
  masqueradingLogin: 'admin@proseware',
  masqueradingPassword: 'masquerading-secret',
  names: { 'enterprise 5901': 'Proseware', 'pbx-type 1': 'Netsapiens' },
};

/** A request of Alex' for a PBX, being checked, with its secrets. */
export const asked = (room: Workroom, more: Partial<PbxOrder> = {}): Promise<Request> =>
  room.transact(async (work) => {
    const requester = { directoryId: alex.aadObjectId, name: alex.name };
    const { open, secrets } = apart('pbx', { ...headOffice, ...more });
    const content = open as PbxOrder;
    const made = { tenantId, kind: 'pbx' as const, name: content.location, content, requester };
    const request = await insert(work, { ...made, state: 'checking' });
    await keepSecrets(work.trx, room.room.keys!, tenantId, { requestId: request.id }, secrets);
    return request;
  });

/** The same, checked and approved by Megan. */
export async function approvedPbx(room: Workroom, more: Partial<PbxOrder> = {}): Promise<Request> {
  const request = await asked(room, more);
  return room.transact(async (work) => {
    const decision = { directoryId: megan.aadObjectId, name: megan.name };
    const pending = (await move(work, request, 'passed', undefined)) as Request;
    return (await move(work, pending, 'approve', decision, { decision })) as Request;
  });
}

export const secretsOf = async (room: Workroom, { id }: { id: string }) =>
  (await room.db.selectFrom('secrets').select('fields').where('request_id', '=', id).execute()).flatMap(
    ({ fields }) => fields,
  );
