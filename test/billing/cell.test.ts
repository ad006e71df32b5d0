import { cell } from '../../src/billing/cell.ts';

describe('a text in a spreadsheet', () => {
  test.each([
    ['=1+1'],
    ['+1'],
    ['-1'],
    ['@SUM(A1)'],
    ['\t=1'],
    ['\tplain'],
    ['\r=1'],
    ['\rplain'],
    ['\nplain'],
    [' =1'],
    ['   @x'],
    ['\u00a0+x'],
    ['\u200b=cmd'],
    ['\u202e-x'],
    ['\ufeff=x'],
    ['\u0000=x'],
    ['＝1+1'],
    ['＋1'],
    ['－1'],
    ['＠x'],
    ['﹢1'],
    ['﹣1'],
    ['﹫x'],
    ['\u22121'],
    ['　＝x'],
  ])('%j gets an apostrophe and loses nothing', (text) => expect(cell(text)).toBe(`'${text}`));

  test.each(['', 'Contoso', 'B-77', "O'Hara", 'a=b', '12', ' x', '(=1)', '漢字', 'x\n=1', '"=1'])(
    '%j stays as it is',
    (text) => expect(cell(text)).toBe(text),
  );
});
