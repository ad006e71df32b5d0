import { languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';

/** Somebody in a Teams tenant. Authorisation goes by `tenantId` and `directoryId`, never by a name. */
export interface Person {
  tenantId: string;
  directoryId: string;
  /** How Teams addresses them (29:…). */
  teamsId: string;
  name: string;
}

/**
 * Roles, from the least to the most. None has another in it: an administrator may grant and route, but does not thereby
 * approve; an approver is no operator, who does by hand in TeamMate's portal what was approved.
 */
export const roles = ['requester', 'approver', 'operator', 'administrator'] as const;
export type Role = (typeof roles)[number];
/** Whoever may read along. */
export const anyRole = roles;
export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

/** What a role is called by whoever reads it. */
export const roleName = (role: Role): string => say(`people.role.${role}`);

/** The role that somebody types, in any of the languages. */
export const roleTyped = (text: string): Role | undefined => typed(roles, roleName, text);

/** What a channel can be bound to. */
export const purposes = ['approvals', 'notifications', 'tasks'] as const;
export type Purpose = (typeof purposes)[number];
/** What a purpose is called by whoever reads it. */
export const purposeName = (purpose: Purpose): string => say(`people.purpose.${purpose}`);

/** The purpose that somebody types, in any of the languages. */
export const purposeTyped = (text: string): Purpose | undefined => typed(purposes, purposeName, text);

/** English names are words of the commands, and so understood whatever they are called on cards. */
const typed = <One extends string>(
  all: readonly One[],
  nameOf: (one: One) => string,
  text: string,
): One | undefined => {
  const said = text.toLowerCase();
  return all.find(
    (one) => one === said || languages.some((spoken) => inLanguage(spoken, () => nameOf(one)).toLowerCase() === said),
  );
};
