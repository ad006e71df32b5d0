import { demoMasterReseller } from '../simulator/seed.ts';

/** Somebody at the demo's master reseller. */
export interface DemoPerson {
  givenName: string;
  surname: string;
  /** How Teams addresses them. */
  teamsId: string;
  directoryId: string;
  email: string;
}

export const tenantId = '7e0d3c1a-5b2f-4e86-9d13-2a6c8f0b4e71';
export const bot = { id: '28:4c1f7a90-3e5d-4b82-a6c7-91d0e8f3b526', name: 'TeamMate' };

const person = (givenName: string, surname: string, number: number): DemoPerson => ({
  givenName,
  surname,
  teamsId: `29:${givenName.toLowerCase()}-${surname.toLowerCase()}`,
  directoryId: `00000000-0000-4000-8000-00000000000${number}`,
  email: `${givenName.toLowerCase()}@${demoMasterReseller.email.split('@')[1]}`,
});

/** Asks for resellers. */
export const alex = person('Alex', 'Wilber', 1);
/** Decides about them, and administers the bot. */
export const megan = person('Megan', 'Bowen', 2);
/** The Playground wants exactly five users beside the one at the keyboard. */
export const colleagues = [
  person('Adele', 'Vance', 3),
  person('Isaiah', 'Langer', 4),
  person('Lynne', 'Robbins', 5),
  person('Patti', 'Fernandez', 6),
];

export const nameOf = ({ givenName, surname }: DemoPerson) => `${givenName} ${surname}`;

/** Where each person talks with the bot alone. */
export const personalChat = ({ givenName }: DemoPerson) => `a:${givenName.toLowerCase()}-and-teammate`;

/** Megan's channel, where the approvals of the organisation come. */
export const approvals = { id: '19:approvals@thread.tacv2', name: 'Approvals' };
