import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Form } from '../../dialog/contract.ts';
import type { Calls } from './calls.ts';
import { FieldView } from './field-view.tsx';
import { useSay } from './words.ts';

const useStyles = makeStyles({
  form: {
    boxSizing: 'border-box',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    maxWidth: '640px',
    minHeight: '100vh',
    marginInline: 'auto',
    paddingInline: tokens.spacingHorizontalXL,
    paddingBlockStart: tokens.spacingVerticalXL,
    '@media (max-width: 480px)': { paddingInline: tokens.spacingHorizontalM },
    // What is gone to must not come to lie under the buttons.
    '& :is(input, select, textarea)': { scrollMarginBlock: '96px' },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: 'none',
  },
  intro: { color: tokens.colorNeutralForeground2, marginBlockStart: `calc(-1 * ${tokens.spacingVerticalM})` },
  // Stays in sight however long the form is, above whatever is scrolled under it.
  buttons: {
    position: 'sticky',
    insetBlockEnd: 0,
    zIndex: 1,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    marginBlockStart: 'auto',
    paddingBlock: tokens.spacingVerticalM,
    backgroundColor: tokens.colorNeutralBackground1,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

export interface Problem {
  says: string;
  next: string;
}

/** Whoever cannot see the page is taken to the first mistake, and hears what it is. */
function goTo(page: HTMLFormElement | null, name: string) {
  page?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"] :is(input, select, textarea)`)?.focus();
}

interface Held {
  form: Form;
  values: Record<string, string>;
  errors: Record<string, string | undefined>;
}

/** A form as the server gives it, to be typed into. */
const begin = (form: Form): Held => ({
  form,
  values: Object.fromEntries(form.fields.map(({ name, value }) => [name, value])),
  errors: Object.fromEntries(form.fields.map(({ name, error }) => [name, error])),
});

interface FormViewProps {
  form: Form;
  busy: boolean;
  /** Why the last attempt to send it came to nothing; what was typed is still there. */
  problem: Problem | undefined;
  send(values: Record<string, string>): void;
  /** Leaves without sending; absent where nothing could be closed. */
  leave: (() => void) | undefined;
  find: Calls['find'];
}

export function FormView({ form, busy, problem, send, leave, find }: FormViewProps) {
  const styles = useStyles();
  const say = useSay();
  const [held, setHeld] = useState(() => begin(form));
  // While it is rendered and not after it, or what is typed at once would be overwritten.
  if (held.form !== form) setHeld(begin(form));
  const { values, errors } = held;
  const page = useRef<HTMLFormElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const told = useRef<Form>(undefined);

  useEffect(() => {
    if (told.current === form) return;
    const another = told.current && told.current.page !== form.page;
    told.current = form;
    const wrong = form.fields.find(({ error }) => error);
    if (wrong) goTo(page.current, wrong.name);
    else if (another || form.notice) title.current?.focus();
  }, [form]);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    const isEmpty = ({ name, input }: Form['fields'][number]) => {
      const value = values[name] ?? '';
      // Of a password the spaces count.
      return input === 'secret' ? value === '' : value.trim() === '';
    };
    const missing = form.fields.filter((field) => field.required && isEmpty(field));
    const needed = Object.fromEntries(missing.map(({ name, label }) => [name, say('missing', { label })]));
    setHeld((before) => ({ ...before, errors: needed }));
    if (missing[0]) return goTo(page.current, missing[0].name);
    send(values);
  };
  const change = (name: string) => (value: string) =>
    setHeld((before) => ({
      ...before,
      values: { ...before.values, [name]: value },
      errors: { ...before.errors, [name]: undefined },
    }));

  return (
    // The server's sentences are told in the place of the browser's, which speak another language.
    <form ref={page} className={styles.form} onSubmit={submit} noValidate aria-busy={busy} aria-labelledby="title">
      <h1 ref={title} id="title" tabIndex={-1} className={styles.title}>
        {form.title}
      </h1>
      <Text className={styles.intro}>{form.intro}</Text>
      {form.notice && (
        <MessageBar intent="warning" layout="multiline" role="status">
          <MessageBarBody>{form.notice}</MessageBarBody>
        </MessageBar>
      )}
      {form.fields.map((asked) => (
        <FieldView
          key={`${form.page} ${asked.name}`}
          asked={asked}
          value={values[asked.name] ?? ''}
          error={errors[asked.name]}
          onChange={change(asked.name)}
          find={async (search) => (await find(asked.name, search)).choices}
        />
      ))}
      <div className={styles.buttons}>
        {problem && (
          <MessageBar intent="error" layout="multiline" role="alert" style={{ width: '100%' }}>
            <MessageBarBody>
              <MessageBarTitle>{problem.says}</MessageBarTitle> {problem.next}
            </MessageBarBody>
          </MessageBar>
        )}
        <Button
          type="submit"
          appearance="primary"
          disabledFocusable={busy}
          icon={busy ? <Spinner size="tiny" /> : null}
        >
          {busy ? say('sending') : say(form.page === 'first' ? 'next' : 'submit')}
        </Button>
        {leave && <Button onClick={leave}>{say('back')}</Button>}
      </div>
    </form>
  );
}
