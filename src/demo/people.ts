import { demoMasterReseller } from '../simulator/seed.ts';

/** Somebody in the demo. */
export interface DemoPerson {
  /** The Teams tenant of their company. */
  tenantId: string;
  givenName: string;
  surname: string;
  /** How Teams addresses them. */
  teamsId: string;
  directoryId: string;
  email: string;
}

export const tenantId = '7e0d3c1a-5b2f-4e86-9d13-2a6c8f0b4e71';
export const bot = { id: '28:4c1f7a90-3e5d-4b82-a6c7-91d0e8f3b526', name: 'TeamMate' };

/** The company that is no master reseller yet; nobody has told the bot of its tenant. */
export const newcomer = {
  name: 'Coho Telecom',
  domain: 'coho.example',
  tenantId: '3f9a6c52-8d07-4be1-a4c6-5e2b7d9f1083',
};

const ours = { tenantId, domain: demoMasterReseller.email.split('@')[1] as string };

const person = (
  givenName: string,
  surname: string,
  number: number,
  { tenantId, domain }: { tenantId: string; domain: string } = ours,
): DemoPerson => ({
  tenantId,
  givenName,
  surname,
  teamsId: `29:${givenName.toLowerCase()}-${surname.toLowerCase()}`,
  directoryId: `00000000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`,
  email: `${givenName.toLowerCase()}@${domain}`,
});

/** Asks for resellers. */
export const alex = person('Alex', 'Wilber', 1);
/** Decides about them, and administers the bot. */
export const megan = person('Megan', 'Bowen', 2);
/** Of another company: asks to become a master reseller too. */
export const robin = person('Robin', 'Kline', 11, newcomer);
/** The Playground wants exactly five users beside the one at the keyboard. */
export const colleagues = [
  person('Adele', 'Vance', 3),
  person('Isaiah', 'Langer', 4),
  person('Lynne', 'Robbins', 5),
  person('Patti', 'Fernandez', 6),
];

/** Robin's. */
export const newcomers = [
  person('Diego', 'Siciliani', 12, newcomer),
  person('Grady', 'Archie', 13, newcomer),
  person('Henrietta', 'Mueller', 14, newcomer),
  person('Johanna', 'Lorenz', 15, newcomer),
  person('Nestor', 'Wilke', 16, newcomer),
];

export const nameOf = ({ givenName, surname }: DemoPerson) => `${givenName} ${surname}`;

/** Where each person talks with the bot alone. */
export const personalChat = ({ givenName }: DemoPerson) => `a:${givenName.toLowerCase()}-and-teammate`;

/** Megan's channel, where the approvals of the organisation come. */
export const approvals = { id: '19:approvals@thread.tacv2', name: 'Approvals' };
