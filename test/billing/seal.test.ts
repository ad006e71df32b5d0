import { seal, unseal } from '../../src/billing/seal.ts';

const text = 'https://contoso-my.sharepoint.com/upload?tempauth=secret';

describe('what is sealed', () => {
  test('opens with the same secret for the same purpose, and for nothing else', () => {
    const sealed = seal(text, 'secret', 'here');
    expect(unseal(sealed, 'secret', 'here')).toBe(text);
    expect(unseal(sealed, 'another', 'here')).toBeUndefined();
    expect(unseal(sealed, 'secret', 'there')).toBeUndefined();
  });

  test('shows nothing of itself, and looks different each time', () => {
    const sealed = seal(text, 'secret', 'here');
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('tempauth');
    expect(seal(text, 'secret', 'here')).not.toBe(sealed);
  });

  test('does not open when it was altered or cut', () => {
    const bytes = Buffer.from(seal(text, 'secret', 'here'), 'base64');
    bytes[20] = bytes[20]! ^ 1;
    expect(unseal(bytes.toString('base64'), 'secret', 'here')).toBeUndefined();
    expect(unseal('', 'secret', 'here')).toBeUndefined();
    expect(unseal('AAAA', 'secret', 'here')).toBeUndefined();
  });
});
