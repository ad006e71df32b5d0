import { Button, Field, Input, makeStyles, Textarea, tokens } from '@fluentui/react-components';
import { useEffect, useId, useRef, useState } from 'react';
import { type Batch, type DecisionBody, type Request, reasonLimit } from '../board/contract.ts';
import { useAnnounce } from './announcer.tsx';
import { Refused, toldOf } from './calls.ts';
import { Refusal } from './notices.tsx';
import { useReader } from './reader.ts';
import { say } from './words.ts';

const useStyles = makeStyles({
  decide: { display: 'grid', gap: tokens.spacingVerticalM, gridTemplateColumns: 'minmax(0, 1fr)' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

/** What a reader can do with a request or a batch. */
interface Decidable {
  version: number;
  /** As people call it, for the buttons: several of them are on one page. */
  called: string;
  actions: readonly { verb: string; title: string }[];
  approval?: Request['approval'];
}

interface Props<Now> extends Decidable {
  /** What drafts are kept by. */
  id: string;
  send: (verb: string, body: DecisionBody) => Promise<Now>;
  /** It was done. */
  done: (now: Now, verb: string) => void;
  /** It was not, because it has moved on meanwhile. */
  moved: (now: Request | Batch) => void;
}

/** The inputs and buttons of a request: what is typed stays until it was sent, and a refusal stands beside the buttons. */
export function Decide<Now>({ id, version, called, actions, approval, send, done, moved }: Props<Now>) {
  const styles = useStyles();
  const announce = useAnnounce();
  const [reason, setReason] = useDraft(`${id} reason`);
  const [entered, setEntered] = useDraft(`${id} entered`);
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState<'reason' | 'entered'>();
  const inputs = { reason: useId(), entered: useId() };
  const can = (verb: string) => actions.some((one) => one.verb === verb);

  const act = async (verb: string) => {
    setError(undefined);
    const lacking =
      verb === 'reject' && !reason.trim()
        ? 'reason'
        : verb === 'approve' && approval && !entered.trim()
          ? 'entered'
          : undefined;
    setMissing(lacking);
    if (lacking) return document.getElementById(inputs[lacking])?.focus();
    setBusy(verb);
    try {
      const now = await send(verb, {
        version,
        ...(verb === 'reject' && { reason: reason.trim() }),
        ...(verb === 'approve' && approval && { entered: entered.trim() }),
      });
      setReason('');
      setEntered('');
      setBusy(undefined);
      done(now, verb);
    } catch (failure) {
      setBusy(undefined);
      setError(failure);
      announce(toldOf(failure).says);
      const now = failure instanceof Refused ? (failure.request ?? failure.batch) : undefined;
      if (now) moved(now);
    }
  };

  if (actions.length === 0) return error === undefined ? undefined : <Refusal {...toldOf(error)} />;
  return (
    <div className={styles.decide}>
      {can('approve') && approval && (
        <Field
          label={approval.label}
          hint={approval.hint}
          required
          {...(missing === 'entered' && { validationMessage: say('tab.entered.missing', { label: approval.label }) })}
        >
          <Input
            id={inputs.entered}
            value={entered}
            maxLength={approval.maxLength}
            onChange={(_, { value }) => setEntered(value)}
          />
        </Field>
      )}
      {can('reject') && (
        <Field
          label={say('tab.reason')}
          hint={say('tab.reason.hint')}
          {...(missing === 'reason' && { validationMessage: say('tab.reason.missing') })}
        >
          <Textarea
            id={inputs.reason}
            value={reason}
            maxLength={reasonLimit}
            rows={2}
            resize="vertical"
            onChange={(_, { value }) => {
              setReason(value);
              if (value.trim()) setMissing(undefined);
            }}
          />
        </Field>
      )}
      {error !== undefined && <Refusal {...toldOf(error)} />}
      <div className={styles.buttons}>
        {actions.map(({ verb, title }, index) => (
          <Button
            key={verb}
            appearance={index === 0 ? 'primary' : 'secondary'}
            // Focus stays where it is while the answer is awaited.
            disabledFocusable={busy !== undefined}
            aria-label={`${title}: ${called}`}
            onClick={() => act(verb)}
          >
            {busy === verb ? say('tab.busy') : title}
          </Button>
        ))}
      </div>
    </div>
  );
}

/** Text that outlives its field: a board that changes, or a look at another view, takes nothing from whoever types. */
function useDraft(id: string): [string, (text: string) => void] {
  const { drafts } = useReader();
  const [text, setText] = useState(drafts.get(id) ?? '');
  const last = useRef(id);
  useEffect(() => {
    if (last.current === id) return;
    last.current = id;
    setText(drafts.get(id) ?? '');
  }, [id, drafts]);
  return [
    text,
    (typed) => {
      if (typed) drafts.set(id, typed);
      else drafts.delete(id);
      setText(typed);
    },
  ];
}
