import * as z from 'zod';

/*
 * Names and ports as people type them for a PBX. Every message stands beside its field, so it says what to do.
 */

/** The longest host name, and the longest of its labels (RFC 1035, section 2.3.4). */
export const hostLimit = 253;
const longestLabel = 63;

const aHost = 'such as sip.contoso.example';
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;
const address = /^\d{1,3}(\.\d{1,3}){3}$/;

/** What is wrong with a host name, as the end of a sentence that begins with what it is; nothing when it is one. */
function wrongWith(host: string): string | undefined {
  if (host.length > hostLimit) return `is too long: a host name has at most ${hostLimit} characters.`;
  const labels = host.split('.');
  if (labels.some(({ length }) => length > longestLabel))
    return `has a part of more than ${longestLabel} characters between its dots. Enter a host name, ${aHost}.`;
  // A last label of digits alone would be read as an address (RFC 1123, section 2.1).
  const named = labels.length > 1 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '');
  return named ? undefined : `is no host name. Enter one, ${aHost}.`;
}

/** Microsoft's own names for a tenant: nobody can have an SBC or a PBX there. */
const microsofts = /(^|\.)onmicrosoft\.com$/i;

/** A host name without a port, in lower case. */
export const hostName = (what: string) =>
  z
    .string({ error: `Enter the ${what}, ${aHost}.` })
    .transform((text) => text.trim().toLowerCase())
    .superRefine((host, { addIssue }) => {
      const says = (message: string) => addIssue({ code: 'custom', message });
      if (host === '') return says(`Enter the ${what}, ${aHost}.`);
      if (/^[^:]+:\d+$/.test(host)) return says(`Enter the ${what} without a port; there is a field for that.`);
      const wrong = wrongWith(host);
      if (wrong) return says(`This ${wrong}`);
      if (microsofts.test(host)) says(`Enter the PBX’s own domain: ${host} is Microsoft’s, where no PBX can be.`);
    });

/** A host name or an IPv4 address, with or without a port; empty when there is none. */
export const optionalHostPort = (what: string) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim().toLowerCase())
    .superRefine((text, { addIssue }) => {
      if (text === '') return;
      const says = (message: string) => addIssue({ code: 'custom', message });
      const { host, port } = hostPortOf(text);
      if (port !== undefined && !isPort(port)) return says(`The port of the ${what} must be from 1 to 65535.`);
      if (address.test(host)) {
        if (host.split('.').some((part) => Number(part) > 255)) says('This is no address: its numbers go up to 255.');
        return;
      }
      const wrong = wrongWith(host);
      if (wrong) says(`This ${wrong}`);
    });

export function hostPortOf(text: string): { host: string; port?: string } {
  const [host = '', ...rest] = text.split(':');
  return rest.length > 0 ? { host, port: rest.join(':') } : { host };
}

export const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** A whole https address with this path; empty when there is none. */
export const optionalHttps = (what: string, path: string, limit: number) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim())
    // The one slash that people leave away.
    .transform((text) => (text.endsWith(path.slice(0, -1)) ? `${text}/` : text))
    .superRefine((text, { addIssue }) => {
      if (text === '') return;
      const says = (message: string) => addIssue({ code: 'custom', message });
      if (text.length > limit) return says(`The ${what} is too long: use at most ${limit} characters.`);
      const url = URL.parse(text);
      const bare = url?.protocol === 'https:' && !url.username && !url.password && !url.search && !url.hash;
      if (!bare || url.pathname !== path) return says(`Enter the ${what} as https://, the portal’s host and ${path}`);
      if (wrongWith(url.hostname)) says(`Put the portal’s host name, ${aHost}, into the ${what}.`);
    });
