import { html } from './html.ts';

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const momentFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** An ISO time as a day. */
export const day = (iso: string) => html`<time datetime="${iso}">${dayFormat.format(new Date(iso))}</time>`;

/** An ISO time as a day and a time. */
export const moment = (iso: string) => html`<time datetime="${iso}">${momentFormat.format(new Date(iso))} UTC</time>`;
