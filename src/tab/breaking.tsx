import { Fragment } from 'react';

/** No longer than this, it is not worth a break within: an id, a reference. Characters. */
const short = 16;

/** A text in which an address that has no room breaks behind its @ and before its dots, and an id not at its hyphen. */
export function Breaking({ text }: { text: string }) {
  if (text.length <= short && !/\s/.test(text)) return <span style={{ whiteSpace: 'nowrap' }}>{text}</span>;
  return [...text.matchAll(/.+?(?:@|(?=\.\p{L})|$)/gsu)].map(({ 0: part, index }) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
