/**
 * Every refusal and failure a person can meet, in one catalogue: a stable code, what they read, what they can do next.
 * Texts are plain sentences; `{name}` is filled from the error's details and escaped where a card shows it.
 */
export const catalogue = {
  // who may talk to the bot
  'tenant-unknown': {
    says: 'Your organisation is not set up with TeamMate yet.',
    next: 'Ask your TeamMate provider to add the tenant {tenant} to ORGANISATIONS.',
  },
  'access-needed': {
    says: 'Your organisation is not set up with TeamMate yet.',
    next: 'Type: request access, to ask your TeamMate provider for it.',
  },
  'organisation-served': {
    says: 'Your organisation is set up with TeamMate already.',
    next: 'Type: help, to see what you can do; its administrators grant the roles.',
  },
  'asked-often': {
    says: 'Your organisation has made {count} requests within a day, which is as many as it can.',
    next: 'Ask again after {when}.',
  },
  'identity-unknown': {
    says: 'Teams did not say who you are, so nothing was done.',
    next: 'Sign out of Teams and in again, or use the Teams desktop client, then try once more.',
  },
  'role-missing': {
    says: 'This needs the role {role}, which you do not have.',
    next: 'Ask an administrator ({administrators}) to type: grant {role} @{you}',
  },
  'own-request': {
    says: 'This is your own request: somebody else has to decide on it.',
    next: 'Any other approver can. You can withdraw it while it is pending.',
  },
  'not-yours': {
    says: 'Only {requester}, who made this request, can do that.',
    next: 'Ask them to do it.',
  },
  'wrong-place': {
    says: 'This command works in {place} only.',
    next: 'Go there and type it again.',
  },
  // the tab
  'sign-on-missing': {
    says: 'You are not signed on.',
    next: 'Open this page as a tab in Teams, where you are signed on by yourself.',
  },
  'sign-on-over': {
    says: 'Your sign-on is over.',
    next: 'It is renewed by itself. If this stays, close the tab and open it again.',
  },
  'sign-on-refused': {
    says: 'Your sign-on does not hold: {reason}.',
    next: 'Close the tab and open it again. If this stays, an operator has to compare the app registration with the settings that begin with TAB_.',
  },
  'sign-on-unreachable': {
    says: 'Who signed you on cannot be asked now.',
    next: 'Wait a moment; it is tried again by itself. An operator can look at TAB_AUTHORITY.',
  },
  'streams-many': {
    says: 'You have this page open {limit} times already.',
    next: 'Close one of them; until then this one is brought up to date when you reload it.',
  },
  'call-unclear': {
    says: 'The page asked for something that is not there.',
    next: 'Reload it: it may be of an older version.',
  },
  // what was asked for
  'request-unknown': {
    says: 'There is no request {id} in your organisation.',
    next: 'Type: status, to see the open ones with their ids.',
  },
  'thing-unknown': {
    says: 'TeamMate no longer lists this.',
    next: 'Type: find, with a part of its name.',
  },
  'form-expired': {
    says: 'This form is too old to be used.',
    next: 'Here is a new one with what you typed. Check it and submit it again.',
  },
  'form-foreign': {
    says: 'This form was not made for you.',
    next: 'Type: {command}, to get one of your own.',
  },
  'list-empty': {
    says: 'There is no row in this list.',
    next: 'Write one row for each; the columns are: {columns}.',
  },
  'list-too-long': {
    says: 'This list has {rows} rows, and at most {limit} are taken at once.',
    next: 'Split it and bring the parts one after the other.',
  },
  'list-too-large': {
    says: 'This list is larger than {limit}, which is the most that is taken at once.',
    next: 'Split it and bring the parts one after the other.',
  },
  'list-unreadable': {
    says: 'The list cannot be read from line {line} on.',
    next: 'Look for a quotation mark (") there that is not closed, or for a line that never ends.',
  },
  'list-column-missing': {
    says: 'The list has no column for: {columns}.',
    next: 'Name the columns in its first line: {all}.',
  },
  'list-column-twice': {
    says: 'The list has the column {column} twice.',
    next: 'Leave one of them out.',
  },
  'list-expired': {
    says: 'This preview is no longer valid.',
    next: 'Check the list again; nothing of it was asked for.',
  },
  'list-elsewhere': {
    says: 'A file that is attached here cannot be read by a bot.',
    next: 'Type: {command}, and paste the list, or attach the file in a chat with the bot alone.',
  },
  'file-not-text': {
    says: 'The file {name} is not a CSV text.',
    next: 'In a spreadsheet, save it as CSV and attach that, or copy the cells, type: {command}, and paste them.',
  },
  'file-refused': {
    says: 'The file {name} cannot be taken from where it lies.',
    next: 'Type: {command}, and paste the list. An operator can allow the host by FILE_DOWNLOAD_HOSTS.',
  },
  'file-unreachable': {
    says: 'The file {name} could not be downloaded: {reason}.',
    next: 'Attach it again, or type: {command}, and paste the list.',
  },
  'batch-unknown': {
    says: 'There is no batch {id} in your organisation.',
    next: 'Type: batches, to see the open ones.',
  },
  'already-decided': {
    says: 'Too late: {who} was faster ({what}, {when}).',
    next: 'The card shows how it stands now.',
  },
  'state-moved': {
    says: 'That is no longer possible: the request is {state} now.',
    next: 'The card shows how it stands now.',
  },
  'reason-missing': {
    says: 'A rejection needs a reason, so that the requester knows what to change.',
    next: 'Write it beside Reason, then click Reject again.',
  },
  'reason-too-long': {
    says: 'The reason is too long ({length} characters).',
    next: 'Use at most {limit}.',
  },
  'approval-wrong': {
    says: 'Not approved yet. {problem}',
    next: 'Then click Approve again.',
  },
  'recently-sent': {
    says: 'The e-mail was sent again only a moment ago.',
    next: 'Try again after {when}.',
  },
  'batch-unready': {
    says: 'The batch is not before the approvers at the moment: some of it is being checked or has to be mended.',
    next: 'Its card says when it is to be decided on.',
  },
  'batch-moved': {
    says: 'More of the batch came before the approvers since this card was shown.',
    next: 'Look at it as it is now, then decide.',
  },
  'secrets-not-kept': {
    says: 'A {noun} has passwords, and there is no key here yet to keep them safe with.',
    next: 'Ask your operator to set SECRETS_KEYS, or KEY_VAULT_URL and KEY_VAULT_SECRET; then try again.',
  },
  'secrets-lost': {
    says: 'The passwords of this request can no longer be read: the key they were sealed with is gone.',
    next: 'Use Change and type them again; what has no Change, withdraw and ask for anew.',
  },
  'nothing-to-resend': {
    says: 'There is nothing to send: nobody has to open a link now. It is waiting for {who}.',
    next: 'The card shows how far it is.',
  },
  'action-unknown': {
    says: 'This button belongs to another version of the bot.',
    next: 'Type: help, to see what can be done now.',
  },
  'person-unknown': {
    says: 'I cannot tell who {who} is.',
    next: 'Mention them (@Name), or give their directory id, and make sure they are in this organisation.',
  },
  'role-unknown': {
    says: 'There is no role "{role}".',
    next: 'Roles are: {roles}.',
  },
  'purpose-unknown': {
    says: 'There is nothing called "{purpose}" to be routed to a channel.',
    next: 'Type: route approvals here, route notifications here, or route tasks here.',
  },
  'last-administrator': {
    says: 'The last administrator cannot be removed.',
    next: 'Grant the role to somebody else first.',
  },
  'change-unknown': {
    says: 'This cannot be done with one {noun}.',
    next: 'Type: help, to see what can be done.',
  },
  'thing-gone': {
    says: 'TeamMate no longer lists this {noun}.',
    next: 'Type: list {noun}s, to see what there is.',
  },
  'suspended-already': {
    says: 'The {noun} {name} is suspended already.',
    next: 'To have it work again, type: resume {noun} {name}',
  },
  'not-suspended': {
    says: 'The {noun} {name} is not suspended, so there is nothing to resume.',
    next: 'Type: list {noun}s, to see how it stands.',
  },
  'holds-things': {
    says: 'The {noun} {name} cannot be removed while it has {count}: {some}.',
    next: 'Remove them first.',
  },
  'change-open': {
    says: 'Another change of the {noun} {name} is not over yet: {id}.',
    next: 'Wait for it, or have it withdrawn. Type: status {id}',
  },
  'changed-meanwhile': {
    says: 'Meanwhile somebody changed it in TeamMate: {what}.',
    next: 'This request has done nothing. Start again from how it is now.',
  },
  'change-refused': {
    says: 'TeamMate refused: {reason}',
    next: 'Put it right in the TeamMate portal and use Retry, or withdraw this and start again.',
  },
  // roles that follow a group of the directory
  'group-unclear': {
    says: 'A group is named by its object id; “{group}” is none.',
    next: 'Copy the Object ID of the group in the Microsoft Entra admin center and type: grant {role} group, then the id.',
  },
  'groups-too-many': {
    says: 'Your organisation follows {limit} groups already, and more are not read.',
    next: 'Type: roles, and revoke one you no longer need. A group may contain other groups.',
  },
  'directory-stale': {
    says: 'Your role {role} comes from the group {group}, and the directory could not be read since {since}: it does not count for now.',
    next: 'It counts again once the directory is read. An administrator ({administrators}) sees the reason when they type roles.',
  },
  'directory-consent': {
    says: 'The directory does not let the bot read groups.',
    next: 'An administrator of your Microsoft 365 tenant has to consent to the application permission GroupMember.Read.All for it.',
  },
  'directory-group-gone': {
    says: 'The directory of your organisation has no such group.',
    next: 'Compare its Object ID in the Microsoft Entra admin center. If it was deleted, revoke it here.',
  },
  'directory-group-large': {
    says: 'The group has more than {limit} members, and so many are not read.',
    next: 'Use a smaller group.',
  },
  'directory-login': {
    says: 'The directory did not accept the bot’s own login ({reason}).',
    next: 'An operator has to check the BOT_ settings.',
  },
  'directory-out-of-reach': {
    says: 'This bot signs in with a managed identity, which can read the directory of its own tenant only, and that is not yours.',
    next: 'Grant roles to people one by one, or have an operator set BOT_CREDENTIAL to certificate.',
  },
  'directory-no-login': {
    says: 'This bot runs for development, without a login of its own, so it can read no directory.',
    next: 'Grant roles to people one by one.',
  },
  'directory-unreachable': {
    says: 'The directory does not answer as it should: {reason}.',
    next: 'It is tried again by itself.',
  },
  // what is done by hand in TeamMate's portal
  'task-over': {
    says: 'There is nothing to be done by hand for this request now.',
    next: 'The card shows how it stands.',
  },
  'task-untaken': {
    says: 'Nobody has taken this task yet.',
    next: 'Click Take first, so that no two of you do it twice.',
  },
  'task-held': {
    says: '{who} has this task, since {when}.',
    next: 'Ask them. If they cannot do it, use Take over.',
  },
  'reference-missing': {
    says: 'TeamMate’s id of it is needed, so that it can be found again.',
    next: 'Copy its id, or the invitation code, from TeamMate’s portal, and try again.',
  },
  'reference-unfit': {
    says: 'That is no id or invitation code of TeamMate.',
    next: 'It has letters, digits and hyphens only, at most {limit} of them. Copy it from TeamMate’s portal.',
  },
  'reference-taken': {
    says: 'The id {reference} belongs to {other} already.',
    next: 'Compare it with TeamMate’s portal: each has an id of its own.',
  },
  'failure-unexplained': {
    says: 'A failure needs a reason, so that the requester knows what to change.',
    next: 'Write it beside Reason, then click Failed again.',
  },
  'task-failed': {
    says: '{who} could not do it in TeamMate’s portal: {reason}',
    next: 'Use Change to ask for it otherwise, Retry to have it tried again, or Withdraw.',
  },
  'learning-needless': {
    says: 'What TeamMate has is read from its API here.',
    next: 'Type: list resellers, to see it.',
  },
  'learning-unclear': {
    says: 'I could not read that: {problem}',
    next: 'Type it as in: {example}',
  },
  // what the provisioning backend said
  'backend-refused': {
    says: 'TeamMate refused: {reason}',
    next: 'Change the request, or put it right in the TeamMate portal, then use Retry.',
  },
  'backend-taken': {
    says: 'TeamMate already has a {noun} with this {what}.',
    next: 'Use Change to ask for it under another one, or Withdraw.',
  },
  'backend-unreachable': {
    says: 'TeamMate does not answer as it should: {reason}.',
    next: 'Nothing is lost. It is tried again by itself; if it has given up, use Retry.',
  },
  'backend-login': {
    says: 'TeamMate did not accept the bot’s own login.',
    next: 'An operator has to check the TEAMMATE_ settings; then use Retry.',
  },
  'backend-gone': {
    says: 'TeamMate no longer knows this {noun}.',
    next: 'Somebody removed it in the portal. Ask there, or make a new request.',
  },
  'mail-unsent': {
    says: 'The mail server did not take the e-mail to the customer’s administrator.',
    next: 'It is tried again by itself. An operator can look at SMTP_URL and MAIL_FROM.',
  },
  'links-nowhere': {
    says: 'The links for the customer’s administrator could not be handed over: {requester} has no chat with the bot.',
    next: 'They open one in Teams; the links come there. Or an operator sets SMTP_URL, and they go by e-mail.',
  },
  'access-overtaken': {
    says: 'It was not set up: {reason}.',
    next: 'Withdraw it; if access is still needed, request it anew.',
  },
  // the bill and its files
  'month-unknown': {
    says: 'I cannot tell which month “{said}” is.',
    next: 'Write it as 2026-10, October 2026 or last month.',
  },
  'month-future': {
    says: '{month} has not begun yet, so there is no bill of it.',
    next: 'Type: billing, for the current month as far as it has come.',
  },
  'bill-unreachable': {
    says: 'TeamMate did not give the bill: {reason}.',
    next: 'Wait a moment, then use Try again.',
  },
  'bill-login': {
    says: 'TeamMate did not give the bill, because it did not accept the bot’s own login.',
    next: 'An operator has to check the TEAMMATE_ settings; then use Try again.',
  },
  'bill-refused': {
    says: 'TeamMate did not give the bill: {reason}',
    next: 'Ask an operator whether the API user may read billing reports; then use Try again.',
  },
  'bill-by-hand': {
    says: 'Without TeamMate’s API its bills cannot be read.',
    next: 'Look them up in TeamMate’s portal.',
  },
  'bill-missing': {
    says: 'The bill of {month} is not kept here.',
    next: 'Type: billing {number}, to have it read again.',
  },
  'file-over': {
    says: 'This file is no longer offered.',
    next: 'Type: billing, and use CSV or Excel on the card that comes.',
  },
  'file-foreign': {
    says: 'This file was not offered to you.',
    next: 'Type: billing, to get a bill of your own.',
  },
  'upload-refused': {
    says: 'Teams named a place for the file that the bot does not know, so nothing was saved.',
    next: 'Use the link on the card below it, and ask an operator to check FILE_UPLOAD_HOSTS.',
  },
  'upload-failed': {
    says: 'The file could not be saved in your OneDrive: {reason}.',
    next: 'Use CSV or Excel on the bill once more.',
  },
  // what went wrong here
  unexpected: {
    says: 'Something went wrong on our side; nothing was changed.',
    next: 'Try again. If it stays, give your operator this number: {incident}',
  },
} as const;

export type ErrorCode = keyof typeof catalogue;
export type ErrorDetails = Record<string, string | number>;

/** An error that a person is meant to read. `says` and `next` are whole sentences, ready for a card once escaped. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(fill(catalogue[code].says, details));
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
  }

  get says(): string {
    return this.message;
  }

  get next(): string {
    return fill(catalogue[this.code].next, this.details);
  }

  /** Both sentences, with every detail put through `format` (a card escapes them). */
  sentences(format: (detail: string | number) => string): string {
    const details = Object.fromEntries(Object.entries(this.details).map(([name, value]) => [name, format(value)]));
    return `${fill(catalogue[this.code].says, details)} ${fill(catalogue[this.code].next, details)}`;
  }
}

/** The catalogue's two sentences for a code, as plain data (what a request stores about its failure). */
export function explain(code: ErrorCode, details: ErrorDetails = {}): { code: ErrorCode; says: string; next: string } {
  return { code, says: fill(catalogue[code].says, details), next: fill(catalogue[code].next, details) };
}

const fill = (text: string, details: ErrorDetails) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
