import * as z from 'zod';
import { isKind } from '../catalog/index.ts';
import { thingKinds } from '../catalog/orderable.ts';
import type { Config } from '../config.ts';

/** The command of the manifest's message extension, and its parameter. */
export const findCommand = { id: 'find', parameter: 'search' } as const;

/** What a live card shows, or a link leads to: a thing by TeamMate's id of it, or a request by its own. */
export const subject = z.union([
  z.object({ kind: z.literal('request'), reference: z.string().regex(/^\d{1,18}$/) }),
  z.object({ kind: z.enum(thingKinds).refine(isKind), reference: z.string().min(1).max(200) }),
]);
export type LiveSubject = z.output<typeof subject>;

/**
 * What a link leads to: the tab's own address (`…/tab#R-1001`, `…/tab#row=reseller:5101`) or Teams' link to it
 * (`…/l/entity/<app>/<entity>?context={"subEntityId":…}`). Undefined for the board as a whole, and for what is none of ours.
 */
export function linkedTo(
  address: string,
  config: Pick<Config, 'PUBLIC_URL' | 'BOT_ID' | 'APP_ID'>,
): LiveSubject | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const tab = new URL('/tab', config.PUBLIC_URL);
  const isTab = url.origin === tab.origin && (url.pathname === '/tab' || url.pathname.startsWith('/tab/'));
  const [, app] = /^\/l\/entity\/([^/]+)\/[^/]+\/?$/.exec(url.pathname) ?? [];
  // As the package has it: the app's id is the bot's, unless it has one of its own.
  const ours = (config.APP_ID || config.BOT_ID).toLowerCase();
  const isEntity = url.origin === 'https://teams.microsoft.com' && app?.toLowerCase() === ours;
  if (isTab) return rowIn(url.hash.slice(1));
  return isEntity ? rowIn(subEntityIn(url.searchParams.get('context'))) : undefined;
}

const context = z.object({ subEntityId: z.string().max(1000) });

function subEntityIn(text: string | null): string {
  try {
    return context.safeParse(JSON.parse(text ?? '')).data?.subEntityId ?? '';
  } catch {
    return '';
  }
}

/** Which row of the board is meant: `R-1001`, `reseller:5101`, `request:1001`, or one of these behind `row=`. */
function rowIn(place: string): LiveSubject | undefined {
  const decoded = unescaped(place);
  const row = /^[\w-]+:?[\w.-]*$/.test(decoded) ? decoded : (new URLSearchParams(place).get('row') ?? '');
  const [, request] = /^(?:R-|request:)(\d{1,18})$/.exec(row) ?? [];
  const [, kind, reference] = /^([a-z][a-z-]{2,20}):([\w.-]{1,100})$/.exec(row) ?? [];
  return subject.safeParse(request ? { kind: 'request', reference: request } : { kind, reference }).data;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
