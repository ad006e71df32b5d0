import { say } from '../language/say.ts';
/** What TeamMate counts for each enterprise; (E) the names are those of its billing summary report. */
export const counters = [
  {
    key: 'licensesInUse',
    column: 'licenses_in_use',
    get label() {
      return say('work.bill.licensesInUse');
    },
  },
  { key: 'pbx', column: 'pbx', label: 'PBX' },
  { key: 'trunk', column: 'trunk', label: 'Trunk' },
  { key: 'valet', column: 'valet', label: 'Valet' },
  { key: 'sms', column: 'sms', label: 'SMS' },
  { key: 'chat', column: 'chat', label: 'Chat' },
  { key: 'operatorConnect', column: 'operator_connect', label: 'Operator Connect' },
  { key: 'externalTrunk', column: 'external_trunk', label: 'External Trunk' },
  { key: 'callRecording', column: 'call_recording', label: 'Call Recording' },
] as const;

export type Counter = (typeof counters)[number]['key'];
export type Counts = Record<Counter, number>;

/** One enterprise on the bill of its master reseller. */
export interface BillingRow {
  resellerId: string;
  resellerName: string;
  resellerBillingReference: string;
  enterpriseId: string;
  enterpriseName: string;
  enterpriseBillingReference: string;
  services: string[];
  counts: Counts;
}

/** A bill that was read to its end. */
export interface Bill {
  id: string;
  tenantId: string;
  month: string;
  readAt: Date;
  /** Enterprises on it. */
  size: number;
}

/** Counts made from one value for each. */
export const countsOf = (value: (counter: (typeof counters)[number]) => number): Counts =>
  Object.fromEntries(counters.map((counter) => [counter.key, value(counter)])) as Counts;
