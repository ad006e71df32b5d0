import { chatLink, entityLink, isFiltered, nowhere, readAddress, writeAddress } from '../../src/tab/address.ts';

describe('the address of the tab', () => {
  test.each([
    ['nothing', nowhere, ''],
    ['a view', { ...nowhere, view: 'flow' as const }, 'view=flow'],
    [
      'everything',
      {
        view: 'board' as const,
        search: 'Müller & Söhne',
        kind: 'pbx' as const,
        state: 'waiting' as const,
        waitingFor: 'ops@contoso.example to activate',
        order: 'waiting' as const,
        row: 'pbx:7001',
      },
      'view=board&search=M%C3%BCller+%26+S%C3%B6hne&kind=pbx&state=waiting&for=ops%40contoso.example+to+activate&row=pbx%3A7001&order=waiting',
    ],
  ])('keeps %s', (_, address, text) => {
    expect(writeAddress(address)).toBe(text);
    expect(readAddress(`#${text}`)).toEqual(address);
  });

  test.each(['R-1001', 'reseller:5101', 'direct-routing:5901-1', 'request:1001'])('is also a bare row: %s', (row) => {
    expect(readAddress(row)).toEqual({ ...nowhere, row });
  });

  test.each(['view=settings&kind=spaceship&state=happy&order=chaos', 'row=<script>', '%%%', 'javascript:alert(1)'])(
    'leaves out what it does not know: %s',
    (text) => expect(readAddress(text)).toEqual(nowhere),
  );

  test('says whether anything is filtered; the order and the row are no filter', () => {
    expect(isFiltered({ ...nowhere, order: 'waiting', row: 'R-1', search: ' ' })).toBe(false);
    expect(isFiltered({ ...nowhere, state: 'open' })).toBe(true);
  });
});

describe('links in Teams', () => {
  test('lead to the tab, and to a row of it', () => {
    expect(entityLink('app', 'board')).toBe('https://teams.microsoft.com/l/entity/app/board');
    const link = new URL(entityLink('app', 'board', 'reseller:5101'));
    expect(JSON.parse(link.searchParams.get('context') ?? '')).toEqual({ subEntityId: 'reseller:5101' });
  });

  test('lead to the chat of the app', () => {
    expect(chatLink('app')).toBe('https://teams.microsoft.com/l/entity/app/conversations');
  });
});
