/** Somebody in a Teams tenant. Authorisation goes by `tenantId` and `directoryId`, never by a name. */
export interface Person {
  tenantId: string;
  directoryId: string;
  /** How Teams addresses them (29:…). */
  teamsId: string;
  name: string;
}

/** Roles, from the least to the most. An administrator may grant and route, but does not thereby approve. */
export const roles = ['requester', 'approver', 'administrator'] as const;
export type Role = (typeof roles)[number];
export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

/** What a channel can be bound to. */
export const purposes = ['approvals', 'notifications'] as const;
export type Purpose = (typeof purposes)[number];
export const isPurpose = (text: string): text is Purpose => (purposes as readonly string[]).includes(text);
