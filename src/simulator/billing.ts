import { createHash } from 'node:crypto';
import type { Enterprise } from './enterprise.ts';
import type { Reseller } from './state.ts';

type Billed = Pick<
  Enterprise,
  'enterpriseId' | 'enterpriseName' | 'services' | 'userLimit' | 'billingReferences' | 'createdDate'
>;
type Biller = Pick<Reseller, 'resellerId' | 'resellerName' | 'billingReferences'>;

/** A row of the billing summary. (E) the counters and `enterpriseBillingReference`; (I) the other names. */
export const billingRow = (reseller: Biller, enterprise: Billed, month: string) => ({
  resellerId: reseller.resellerId,
  resellerName: reseller.resellerName,
  resellerBillingReference: reseller.billingReferences.join(', '),
  enterpriseId: enterprise.enterpriseId,
  enterpriseName: enterprise.enterpriseName,
  enterpriseBillingReference: enterprise.billingReferences.join(', '),
  services: enterprise.services,
  ...countersOf(enterprise, month),
});

/** Resellers of made-up rows have this many enterprises each. */
const enterprisesEach = 25;
/** Far from every id that the simulator gives out. */
const firstMadeUp = 1_000_000_000;

/** One row of a long report, made up from its number: always the same, and kept nowhere. */
export function madeUpRow(number: number, month: string) {
  const reseller = Math.floor(number / enterprisesEach);
  const services: Enterprise['services'] = number % 3 === 2 ? ['TRUNK'] : number % 3 === 1 ? ['PBX', 'TRUNK'] : ['PBX'];
  return billingRow(
    {
      resellerId: firstMadeUp + reseller,
      resellerName: `Reseller ${reseller + 1}`,
      billingReferences: [`R-${reseller + 1}`],
    },
    {
      enterpriseId: 2 * firstMadeUp + number,
      enterpriseName: `Enterprise ${number + 1}`,
      services,
      userLimit: null,
      billingReferences: [`E-${number + 1}`],
      createdDate: '2025-01-01T00:00:00.000Z',
    },
    month,
  );
}

/**
 * The licences of a month, found from the ids and the month alone: a report that is asked for again is the same one. They
 * never shrink from month to month. (I) What each of them counts: users who can call, by the road their calls take, and
 * of them those who have something besides.
 */
function countersOf({ enterpriseId, services, userLimit, createdDate }: Billed, month: string) {
  const share = shareOf(enterpriseId);
  const age = monthsBetween(createdDate.slice(0, 7), month);
  const wanted = age < 0 ? 0 : Math.floor(3 + share('size') * 40 + age * share('growth') * 2);
  const users = Math.min(wanted, userLimit ?? wanted);
  const has = (service: Enterprise['services'][number]) => services.includes(service);
  const some = (name: string, most: number) => Math.floor(users * share(name) * most);
  const trunk = !has('TRUNK') ? 0 : has('PBX') ? some('trunk', 1) : users;
  return {
    licensesInUse: users,
    pbx: has('PBX') ? users - trunk : 0,
    trunk,
    valet: some('valet', 0.2),
    sms: has('SMS') ? some('sms', 1) : 0,
    chat: has('CALLAPP') ? some('chat', 1) : 0,
    operatorConnect: 0,
    externalTrunk: has('TRUNK') ? some('externalTrunk', 0.2) : 0,
    callRecording: some('callRecording', 0.5),
  };
}

/** A number from 0 to 1 for each name, always the same for an enterprise. */
const shareOf = (enterpriseId: number) => (name: string) =>
  createHash('sha256').update(`${enterpriseId} ${name}`).digest().readUInt32BE() / 2 ** 32;

function monthsBetween(from: string, to: string): number {
  const number = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7));
  return number(to) - number(from);
}
