import { Combobox, Option } from '@fluentui/react-components';
import { useEffect, useId, useRef, useState } from 'react';
import type { Field } from '../../dialog/contract.ts';
import { useSay } from './words.ts';

type Choice = NonNullable<Field['choices']>[number];

export interface ChoosingProps {
  choices: readonly Choice[];
  value: string;
  onChange(value: string): void;
  /** Asks the server, where there are more than these. */
  find: ((search: string) => Promise<readonly Choice[]>) | undefined;
  /** What ties it to its label, hint and error. */
  described: object;
  name: string;
}

/** How long somebody has to pause in typing before the server is asked. Milliseconds. */
const pause = 250;

/** One of a list, found by typing a part of its name. */
export function Choosing({ choices, value, onChange, find, described, name }: ChoosingProps) {
  const say = useSay();
  const list = useId();
  const [typed, setTyped] = useState<string>();
  const [found, setFound] = useState<readonly Choice[]>();
  // What was found and chosen is not among the first ones.
  const [chosen, setChosen] = useState<Choice>();
  const asked = useRef(0);

  useEffect(() => {
    if (!find || !typed?.trim()) return setFound(undefined);
    asked.current += 1;
    const own = asked.current;
    const timer = setTimeout(() => {
      find(typed)
        .then((all) => own === asked.current && setFound(all))
        // What is there already can be chosen from all the same.
        .catch(() => undefined);
    }, pause);
    return () => clearTimeout(timer);
  }, [find, typed]);

  const title = [...choices, ...(chosen ? [chosen] : [])].find((one) => one.value === value)?.title ?? '';
  const wanted = typed?.trim().toLocaleLowerCase();
  const offered = found ?? choices.filter((one) => !wanted || one.title.toLocaleLowerCase().includes(wanted));
  return (
    <Combobox
      {...described}
      // Within the page's main part, where a screen reader looks for it.
      inlinePopup
      name={name}
      id={list}
      style={{ minWidth: 0, width: '100%' }}
      placeholder={say('search')}
      value={typed ?? title}
      selectedOptions={value ? [value] : []}
      onChange={(event) => setTyped(event.target.value)}
      onOptionSelect={(_, { optionValue, optionText = '' }) => {
        // Typing something else takes the choice away as the library sees it; here it holds until there is another.
        if (!optionValue) return;
        setChosen({ value: optionValue, title: optionText });
        setTyped(undefined);
        onChange(optionValue);
      }}
      onOpenChange={(_, { open }) => {
        // What was typed and not chosen is nothing that could be sent.
        if (!open) setTyped(undefined);
      }}
    >
      {offered.map((one) => (
        <Option key={one.value} value={one.value} text={one.title}>
          {one.title}
        </Option>
      ))}
      {offered.length === 0 && (
        <Option disabled value="" text={say('nothing')}>
          {say('nothing')}
        </Option>
      )}
    </Combobox>
  );
}
