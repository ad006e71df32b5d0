import * as z from 'zod';
import { say } from '../language/say.ts';
import { labelOf, type Named } from './words.ts';

/*
 * Names and ports as people type them for a PBX. Every message stands beside its field, so it says what to do.
 */

/** The longest host name, and the longest of its labels (RFC 1035, section 2.3.4). */
export const hostLimit = 253;
const longestLabel = 63;

const example = 'sip.contoso.example';
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;
const address = /^\d{1,3}(\.\d{1,3}){3}$/;

/** What is wrong with a host name; nothing when it is one. */
function wrongWith(host: string): string | undefined {
  if (host.length > hostLimit) return say('catalog.host.long', { limit: hostLimit });
  const labels = host.split('.');
  if (labels.some(({ length }) => length > longestLabel))
    return say('catalog.host.part', { limit: longestLabel, example });
  // A last label of digits alone would be read as an address (RFC 1123, section 2.1).
  const named = labels.length > 1 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '');
  return named ? undefined : say('catalog.host.none', { example });
}

/** Microsoft's own names for a tenant: nobody can have an SBC or a PBX there. */
const microsofts = /(^|\.)onmicrosoft\.com$/i;

/** A host name without a port, in lower case. */
export const hostName = (what: Named) =>
  z
    .string({ error: () => say('catalog.host.enter', { label: labelOf(what), example }) })
    .transform((text) => text.trim().toLowerCase())
    .superRefine((host, { addIssue }) => {
      const says = (message: string) => addIssue({ code: 'custom', message });
      if (host === '') return says(say('catalog.host.enter', { label: labelOf(what), example }));
      if (/^[^:]+:\d+$/.test(host)) return says(say('catalog.host.port', { label: labelOf(what) }));
      const wrong = wrongWith(host);
      if (wrong) return says(wrong);
      if (microsofts.test(host)) says(say('catalog.host.microsoft', { host }));
    });

/** A host name or an IPv4 address, with or without a port; empty when there is none. */
export const optionalHostPort = (what: Named) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim().toLowerCase())
    .superRefine((text, { addIssue }) => {
      if (text === '') return;
      const says = (message: string) => addIssue({ code: 'custom', message });
      const { host, port } = hostPortOf(text);
      if (port !== undefined && !isPort(port)) return says(say('catalog.host.portWrong', { label: labelOf(what) }));
      if (address.test(host)) {
        if (host.split('.').some((part) => Number(part) > 255)) says(say('catalog.host.address'));
        return;
      }
      const wrong = wrongWith(host);
      if (wrong) says(wrong);
    });

export function hostPortOf(text: string): { host: string; port?: string } {
  const [host = '', ...rest] = text.split(':');
  return rest.length > 0 ? { host, port: rest.join(':') } : { host };
}

export const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** A whole https address with this path; empty when there is none. */
export const optionalHttps = (what: Named, path: string, limit: number) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim())
    // The one slash that people leave away.
    .transform((text) => (text.endsWith(path.slice(0, -1)) ? `${text}/` : text))
    .superRefine((text, { addIssue }) => {
      if (text === '') return;
      const says = (message: string) => addIssue({ code: 'custom', message });
      if (text.length > limit) return says(say('catalog.line.long', { label: labelOf(what), limit }));
      const url = URL.parse(text);
      const bare = url?.protocol === 'https:' && !url.username && !url.password && !url.search && !url.hash;
      if (!bare || url.pathname !== path) return says(say('catalog.url.wrong', { label: labelOf(what), path }));
      if (wrongWith(url.hostname)) says(say('catalog.url.host', { label: labelOf(what), example }));
    });
