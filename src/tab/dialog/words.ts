import { createContext, use } from 'react';
import english from '../../language/messages/en/dialog.json';

/** Words of the cards come with the form and not before it, which is early enough for the buttons under it. */
type Word = keyof typeof english | 'submit' | 'next' | 'back' | 'missing';

/**
 * The page's own words come with the form, in the language of the chat; until then, and when it does not come, they are English.
 * What they name, as in `{label}`, is filled in here.
 */
export type Say = (name: Word, params?: Readonly<Record<string, string>>) => string;

export const sayFrom =
  (words: Readonly<Record<string, string>>): Say =>
  (name, params = {}) =>
    (words[name] ?? (english as Readonly<Record<string, string>>)[name] ?? name).replace(
      /\{(\w+)\}/g,
      (all, param: string) => params[param] ?? all,
    );

export const SayContext = createContext<Say>(sayFrom({}));
export const useSay = () => use(SayContext);
