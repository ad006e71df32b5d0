import { entryOf } from '../../src/catalog/index.ts';
import { Refusal } from '../../src/errors.ts';
import { catalogues } from '../../src/language/catalogues.ts';
import { languages } from '../../src/language/languages.ts';
import { inLanguage } from '../../src/language/reader.ts';
import { readSheet, sheetLimits, writeSheet } from '../../src/requests/sheet.ts';

const header = 'Reseller Name,Preferred Email,Services,Billing Reference';
const read = (text: string) => readSheet('reseller', text).rows;
const cells = (text: string) => read(text).map((row) => row.cells);
const contoso = { name: 'Contoso', email: 'ops@contoso.example', services: 'pbx', billingReference: 'B-77' };

/** The code of the refusal, and its sentence. */
function refusalOf(text: string): Refusal {
  try {
    read(text);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the list was taken');
}

describe('a list is read the same', () => {
  test.each<[how: string, text: string]>([
    ['with commas', `${header}\nContoso,ops@contoso.example,pbx,B-77`],
    ['with semicolons', `${header.replaceAll(',', ';')}\nContoso;ops@contoso.example;pbx;B-77`],
    ['with tabs, as a spreadsheet copies', `${header.replaceAll(',', '\t')}\nContoso\tops@contoso.example\tpbx\tB-77`],
    ['without a header, in the form’s order', 'Contoso,ops@contoso.example,pbx,B-77'],
    ['without a header, with semicolons', 'Contoso;ops@contoso.example;pbx;B-77'],
    ['with the fields’ own names', 'name,email,services,billingReference\nContoso,ops@contoso.example,pbx,B-77'],
    [
      'in any case and spacing',
      'RESELLER  NAME, preferred_email ,SERVICES,billing-reference\nContoso,ops@contoso.example,pbx,B-77',
    ],
    ['in any order', 'Services,Billing Reference,Reseller Name,Preferred Email\npbx,B-77,Contoso,ops@contoso.example'],
    [
      'with quotes',
      `"Reseller Name","Preferred Email","Services","Billing Reference"\n"Contoso","ops@contoso.example","pbx","B-77"`,
    ],
    ['with a mark at its beginning', `\ufeff${header}\nContoso,ops@contoso.example,pbx,B-77`],
    [
      'with a mark and quotes',
      `\ufeff"Reseller Name";"Preferred Email";Services;"Billing Reference"\nContoso;ops@contoso.example;pbx;B-77`,
    ],
    ['with the line ends of Windows', `${header}\r\nContoso,ops@contoso.example,pbx,B-77\r\n`],
    ['with the line ends of an old Mac', `${header}\rContoso,ops@contoso.example,pbx,B-77\r`],
    ['with empty lines and cells around', `\n${header},,\n,,,\n Contoso , ops@contoso.example,pbx,B-77,,\n\n`],
  ])('%s', (_, text) => {
    expect(cells(text)).toEqual([contoso]);
  });
});

describe('the columns of a list', () => {
  // As a translation may word it, of which English knows nothing; the other words are those of English.
  const german = catalogues.de as Map<string, string>;
  german.set('catalog.enterprise.email.label', 'E-Mail der Verwaltung');
  german.set('catalog.yes', 'Ja');
  const proseware = { name: 'Proseware', email: 'it@proseware.example', addExtensions: 'Ja' };
  const list = inLanguage('de', () => writeSheet('enterprise', [proseware]));

  test('are written in the language of whoever reads them', () => {
    expect(list).toContain('E-Mail der Verwaltung');
    expect(writeSheet('enterprise', [proseware])).toContain('Enterprise Admin Email');
  });

  test.each(languages)('are understood in every language by who reads %s, for a list is handed on', (one) => {
    for (const text of [list, writeSheet('enterprise', [proseware])])
      expect(inLanguage(one, () => readSheet('enterprise', text)).rows[0]?.cells).toMatchObject(proseware);
  });

  test('hold the words of whoever writes them for yes, and those of English', () => {
    const says = (addExtensions: string) =>
      inLanguage('de', () => entryOf('enterprise').several?.typed({ ...proseware, addExtensions }).addExtensions);
    expect(['Ja', 'ja', 'yes', 'nein', 'no'].map(says)).toEqual(['true', 'true', 'true', 'false', 'false']);
  });
});

describe('a cell', () => {
  test('in quotes holds separators, quotes and lines', () => {
    const [first] = cells(`${header}\n"Contoso, ""the"" Ltd\nBerlin",a@b.example,"pbx, trunk",`);
    expect(first).toMatchObject({ name: 'Contoso, "the" Ltd\nBerlin', services: 'pbx, trunk', billingReference: '' });
  });

  test.each(['=1+1', '@SUM(A1)', '+49 30', '-5', '=HYPERLINK("http://x.example")', "O'Neill", '${name}', '<at>x</at>'])(
    'that is %s is text and nothing else',
    (name) => {
      const text = writeSheet('reseller', [{ ...contoso, name }]);
      expect(cells(text)).toEqual([{ ...contoso, name }]);
      expect(cells(`Contoso,a@b.example,pbx,${JSON.stringify(name).replaceAll('\\"', '""')}`)[0]).toMatchObject({
        billingReference: name,
      });
    },
  );

  test.each(['=1+1', '@SUM(A1)', '+49', '-5'])('%s is no formula in the list that is given back', (name) => {
    expect(writeSheet('reseller', [{ ...contoso, name }])).toContain(`'${name}`);
  });

  test('too many of a row is told, and the others are read', () => {
    const [first, second] = read('Contoso,a@b.example,pbx,trunk,B-77\nFabrikam,c@d.example,pbx,B-78');
    expect(first).toMatchObject({ row: 1, problem: expect.stringContaining('more cells than there are columns (4)') });
    expect(second).toEqual({ row: 2, cells: expect.objectContaining({ name: 'Fabrikam' }) });
  });

  test('too few of a row are empty ones', () => {
    expect(cells('Contoso')).toEqual([{ name: 'Contoso', email: '', services: '', billingReference: '' }]);
  });
});

describe('rows', () => {
  test('have the number that a spreadsheet shows beside them', () => {
    expect(
      read(`${header}\n\nA,a@x.example,pbx,\n"B\nB",b@x.example,pbx,\n\nC,c@x.example,pbx,`).map(({ row }) => row),
    ).toEqual([3, 4, 6]);
  });

  test('may be as many as the limit says and no more', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, at) => `N${at},a${at}@x.example,pbx,`).join('\n');
    expect(read(`${header}\n${rows(sheetLimits.rows)}`)).toHaveLength(500);
    expect(refusalOf(`${header}\n${rows(501)}`).says).toBe(
      'This list has 501 rows, and at most 500 are taken at once.',
    );
  });
});

describe('a column', () => {
  test('that the form does not have is left out, and that is said', () => {
    const { rows, notes } = readSheet(
      'reseller',
      'No,Reseller Name,Preferred Email,Services,Comment\n1,C,a@b.example,pbx,x',
    );
    expect(rows[0]?.cells).toEqual({ name: 'C', email: 'a@b.example', services: 'pbx' });
    expect(notes).toEqual([
      'The column “No” is none of the form, so it is left out.',
      'The column “Comment” is none of the form, so it is left out.',
    ]);
  });

  test.each([
    ['Reseller Name,Services\nC,pbx', 'list-column-missing', 'The list has no column for: Preferred Email.'],
    [
      `${header},email\nC,a@b.example,pbx,,x@y.example`,
      'list-column-twice',
      'The list has the column Preferred Email twice.',
    ],
  ])('%j: %s', (text, code, says) => {
    expect(refusalOf(text)).toMatchObject({ code, message: says });
  });
});

describe('a list with secrets', () => {
  const names = 'Enterprise,PBX Type,PBX Location,PBX SIP Domain,SIP User,SIP Password,Proxy';
  const rowsOf = (text: string) => readSheet('pbx', text).rows;

  test('has them as they stand there, and may be without what is known of the type', () => {
    const [row] = rowsOf(`${names}\nProseware , Netsapiens,Head Office,sip.example,teammate," '=x ",`);
    expect(row?.cells).toMatchObject({ enterprise: 'Proseware', pbxType: 'Netsapiens', password: " '=x " });
  });

  test('keeps nothing of a row from the first secret on when its cells may have moved', () => {
    const [row] = rowsOf(`${names}\nProseware,Netsapiens,Head Office,sip.example,teammate,pass,word,x`);
    expect(row?.problem).toContain('more cells than there are columns');
    expect(JSON.stringify(row?.cells)).not.toMatch(/pass|word/);
    expect(row?.cells.location).toBe('Head Office');
  });

  test('still needs what only its writer knows', () => {
    expect(() => rowsOf(`${names.replace('SIP Password,', '')}\nProseware,,,,,`)).toThrow(Refusal);
  });
});

describe('what is no list', () => {
  test.each<[text: string, code: string]>([
    ['', 'list-empty'],
    ['\n \r\n,,\n', 'list-empty'],
    [header, 'list-empty'],
    [`${header}\n"Contoso,a@b.example`, 'list-unreadable'],
    ['x'.repeat(20_000), 'list-unreadable'],
    ['漢'.repeat(40_000), 'list-too-large'],
  ])('%#: %s', (text, code) => {
    expect(refusalOf(text)).toMatchObject({ code });
  });

  test.each(['\u0000\u0001', '"', '""""', ';;;;', '\t', '[object Object]', '__proto__,constructor\n1,2', '\ud800,x'])(
    'is survived: %j',
    (text) => {
      try {
        for (const row of read(text)) expect(Object.keys(row.cells)).toEqual(Object.keys(contoso));
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    },
  );
});
