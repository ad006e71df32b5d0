import * as z from 'zod';
import { type Format, fileName, fileTypes } from '../billing/file.ts';
import type { Month } from '../billing/month.ts';
import { monthName } from '../billing/month.ts';
import { say } from '../language/say.ts';

/** What can be attached to a post beside an Adaptive Card. */
export interface Attachment {
  contentType: string;
  name: string;
  content: object;
  contentUrl?: string;
}

/** An address in an activity: at most what a browser takes. */
const address = z.url().max(8_000);

/** Where Teams wants a file that somebody agreed to: `uploadUrl` lets in whoever has it. */
export const uploadInfo = z.object({
  contentUrl: address,
  name: z.string().max(1_000),
  uploadUrl: address,
  uniqueId: z.string().min(1).max(200),
  fileType: z.string().max(50).nullish(),
});
export type UploadInfo = z.infer<typeof uploadInfo>;

/**
 * The value of a `fileConsent/invoke` ("Send and receive files through a bot", Teams). The context is what we put on the
 * card, and comes back from a client: it is a token, and means nothing before it is looked up.
 */
export const consentValue = z.object({
  action: z.enum(['accept', 'decline']),
  context: z.object({ file: z.string().min(20).max(100) }),
  uploadInfo: uploadInfo.nullish(),
});
export type Consent = z.infer<typeof consentValue>;

/** Asks somebody, in their own chat, whether the file may be put in their OneDrive. */
export function consentCard(month: Month, format: Format, size: number, token: string): Attachment {
  const context = { file: token };
  return {
    contentType: 'application/vnd.microsoft.teams.card.file.consent',
    name: fileName(month, format),
    content: {
      description: say('chat.billing.file', { month: monthName(month), format: fileTypes[format].name }),
      sizeInBytes: size,
      acceptContext: context,
      declineContext: context,
    },
  };
}

/** Shows the file that was saved, to be opened. */
export const savedCard = (
  name: string,
  info: Pick<UploadInfo, 'contentUrl' | 'uniqueId' | 'fileType'>,
): Attachment => ({
  contentType: 'application/vnd.microsoft.teams.card.file.info',
  contentUrl: info.contentUrl,
  name,
  content: { uniqueId: info.uniqueId, fileType: info.fileType ?? name.split('.').at(-1) },
});

/**
 * Whether a file may be sent to this address, which a client told us: https, at one of the hosts listed, where `*.` stands
 * for one label or more. In development plain http to this machine is allowed as well.
 */
export function uploadAllowed(url: string, hosts: readonly string[], development: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, hostname, host } = new URL(url);
  if (username || password) return false;
  // `host` has no port when it is the usual one, so a listed name does not open its other ports.
  if (protocol === 'https:')
    return hosts.some((listed) => {
      const wanted = listed.toLowerCase();
      return wanted.startsWith('*.')
        ? host.endsWith(wanted.slice(1)) && host.length > wanted.length - 1
        : host === wanted;
    });
  return development && protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
