import { Fragment } from 'react';

/** No longer than this, nothing is worth a break within: an id, a reference. Characters. */
const short = 16;

/** A text in which an id does not break at its hyphen, and an address, where a line is too short for it, behind its @ and before its dots. */
export function Breaking({ text }: { text: string }) {
  if (text.length <= short && !/\s/.test(text)) return <span style={{ whiteSpace: 'nowrap' }}>{text}</span>;
  return [...text.matchAll(/\s+|\S+/g)].map(({ 0: word, index }) =>
    isAddress(word) ? (
      <span key={index} style={{ display: 'inline-block', maxWidth: '100%' }}>
        {[...word.matchAll(/.+?(?:@|(?=\.\p{L})|$)/gu)].map(({ 0: part, index }) => (
          <Fragment key={index}>
            {index > 0 && <wbr />}
            {part}
          </Fragment>
        ))}
      </span>
    ) : (
      <Fragment key={index}>{word}</Fragment>
    ),
  );
}

const isAddress = (word: string) => word.length > short && /[^\s.]\.\p{L}/u.test(word);
