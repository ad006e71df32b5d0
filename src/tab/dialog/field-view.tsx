import {
  Button,
  Checkbox,
  Field,
  type FieldControlProps,
  Input,
  makeStyles,
  Select,
  Switch,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { EyeOffRegular, EyeRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Field as Asked } from '../../dialog/contract.ts';
import { Choosing } from './choosing.tsx';
import { useSay } from './words.ts';

const useStyles = makeStyles({
  heading: {
    margin: 0,
    marginBlockStart: tokens.spacingVerticalM,
    paddingBlockStart: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  wide: { minWidth: 0, width: '100%' },
  ticks: { display: 'flex', flexDirection: 'column' },
});

export interface FieldProps {
  asked: Asked;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
  find(search: string): Promise<NonNullable<Asked['choices']>>;
}

/** More than these are found by typing rather than by looking through them. */
const fewChoices = 8;

/** One field, labelled, with its hint and what is wrong with it. */
export function FieldView(props: FieldProps) {
  const styles = useStyles();
  const { asked, error } = props;
  const { heading, label, hint, required } = asked;
  return (
    <>
      {heading && <h2 className={styles.heading}>{heading}</h2>}
      <Field
        label={label}
        hint={hint}
        required={required}
        validationState={error ? 'error' : 'none'}
        {...(error && { validationMessage: error })}
        data-field={asked.name}
      >
        {(described) => <Control {...props} described={described} />}
      </Field>
    </>
  );
}

function Control({ asked, value, onChange, find, described }: FieldProps & { described: Described }) {
  const styles = useStyles();
  const { name, input, maxLength, choices = [], searched } = asked;
  const limit = maxLength ? { maxLength } : {};
  switch (input) {
    case 'secret':
      return <Secret {...{ asked, value, onChange, described }} />;
    case 'paragraph':
      return (
        <Textarea
          {...described}
          {...limit}
          name={name}
          value={value}
          onChange={(_, { value: typed }) => onChange(typed)}
          resize="vertical"
        />
      );
    case 'one':
      return searched || choices.length > fewChoices ? (
        <Choosing {...{ choices, value, onChange, described, name }} find={searched ? find : undefined} />
      ) : (
        <Select {...described} name={name} value={value} onChange={(_, { value: chosen }) => onChange(chosen)}>
          {/* What is not chosen yet, and what could not be any more, is shown as nothing. */}
          {!choices.some((one) => one.value === value) && <option value={value} />}
          {choices.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </Select>
      );
    case 'many':
      return <Ticks {...{ choices, value, onChange, described, name }} />;
    case 'toggle':
      return (
        <Switch
          {...described}
          name={name}
          checked={value === 'true'}
          onChange={(_, { checked }) => onChange(String(checked))}
        />
      );
    default:
      return (
        <Input
          {...described}
          {...limit}
          className={styles.wide}
          name={name}
          type={input === 'email' ? 'email' : 'text'}
          value={value}
          onChange={(_, { value: typed }) => onChange(typed)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
      );
  }
}

/** What ties an input to its label, hint and error. */
type Described = FieldControlProps;

/** Typed unseen, and shown while one wants to see it. No browser offers to keep it: it is not this person's own. */
function Secret({
  asked,
  value,
  onChange,
  described,
}: Pick<FieldProps, 'asked' | 'value' | 'onChange'> & { described: Described }) {
  const say = useSay();
  const styles = useStyles();
  const [seen, setSeen] = useState(false);
  const { name, label, maxLength } = asked;
  return (
    <Input
      {...described}
      {...(maxLength && { maxLength })}
      className={styles.wide}
      name={name}
      type={seen ? 'text' : 'password'}
      value={value}
      onChange={(_, { value: typed }) => onChange(typed)}
      autoComplete="new-password"
      autoCapitalize="off"
      spellCheck={false}
      contentAfter={
        <Button
          appearance="transparent"
          size="small"
          icon={seen ? <EyeOffRegular /> : <EyeRegular />}
          aria-label={say(seen ? 'hide' : 'show', { label })}
          onClick={() => setSeen(!seen)}
        />
      }
    />
  );
}

/** Some of a list. A group is described as an input is, but cannot itself be invalid or required. */
function Ticks({
  choices,
  value,
  onChange,
  described,
  name,
}: {
  choices: NonNullable<Asked['choices']>;
  value: string;
  onChange(value: string): void;
  described: Described;
  name: string;
}) {
  const styles = useStyles();
  const ticked = value.split(',').filter(Boolean);
  const { 'aria-labelledby': labelled, 'aria-describedby': told } = described;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend, and the label is the field's already
    <div role="group" aria-labelledby={labelled} aria-describedby={told} className={styles.ticks}>
      {choices.map((one) => (
        <Checkbox
          key={one.value}
          name={name}
          label={one.title}
          checked={ticked.includes(one.value)}
          onChange={(_, { checked }) =>
            onChange([...ticked.filter((other) => other !== one.value), ...(checked ? [one.value] : [])].join(','))
          }
        />
      ))}
    </div>
  );
}
