import { html } from './html.ts';
import { type Service, serviceTitles } from './services.ts';

/** The services in the portal's words. A line may break between two of them, not within one. */
export const serviceList = (services: readonly Service[]) =>
  services.map(
    (service, index) =>
      html`${index > 0 && ' '}<span class="one">${serviceTitles[service]}${index + 1 < services.length && ','}</span>`,
  );

export const billingList = (references: readonly string[]) => references.join(', ') || '—';

/** A state in its colour; `plain` without one. */
export const chip = (text: string, tone: 'good' | 'wait' | 'bad' | '') =>
  html`<span class="chip ${tone}">${text}</span>`;
