import { type Html, html } from './html.ts';

export interface Field {
  name: string;
  label: string;
  /** What was typed. A password is never shown again. */
  value: string;
  error: string | undefined;
  hint?: string | undefined;
  type?: string;
  autocomplete?: string;
  /** Whether the cursor starts here. */
  focus: boolean;
}

/** One input of a form with its label, and its hint or what is wrong with it. */
export function textField({ name, label, value, error, hint, type = 'text', autocomplete, focus }: Field): Html {
  // An error says what the hint says, and more; two lines of it would be noise.
  const said = error ? undefined : hint;
  const described = error ? `${name}-error` : said && `${name}-hint`;
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}"${autocomplete && html` autocomplete="${autocomplete}"`} autocapitalize="none" spellcheck="false" required${
    type === 'password' ? '' : html` value="${value}"`
  }${described && html` aria-describedby="${described}"`}${error && html` aria-invalid="true"`}${focus && html` autofocus`}>
${error && errorLine(name, error)}
${said && html`<p class="hint" id="${name}-hint">${said}</p>`}
</div>
`;
}

/** A box to tick; its label is a whole sentence. */
export function tickField({ name, label, value, error, focus }: Omit<Field, 'hint' | 'type' | 'autocomplete'>): Html {
  return html`<div class="field tick">
<input id="${name}" name="${name}" type="checkbox" value="yes" required${value === 'yes' && html` checked`}${
    error && html` aria-describedby="${name}-error" aria-invalid="true"`
  }${focus && html` autofocus`}>
<label for="${name}">${label}</label>
${error && errorLine(name, error)}
</div>
`;
}

/** What stands above a form that was sent with mistakes. */
export function mistakes(count: number): Html | false {
  const mend = count === 1 ? 'One field needs a change.' : `${count} fields need a change.`;
  return count > 0 && html`<p class="note bad" role="alert">${mend}</p>`;
}

const errorLine = (name: string, error: string) => html`<p class="error" id="${name}-error">${error}</p>`;
