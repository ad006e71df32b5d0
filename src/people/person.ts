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

/** What a channel can be bound to. */
export const purposes = ['approvals', 'notifications', 'tasks'] as const;
export type Purpose = (typeof purposes)[number];
export const isPurpose = (text: string): text is Purpose => (purposes as readonly string[]).includes(text);
