import { states } from '../../src/requests/lifecycle.ts';
import { parseId, shown, waitingFor } from '../../src/requests/request.ts';
import { aRequest } from '../views/a-request.ts';

describe('what people write for a request', () => {
  test.each(['R-1001', 'r-1001', 'R1001', 'r1001', '1001', ' R-1001 ', 'R-1001.', 'R-1001?'])('%p is 1001', (text) => {
    expect(parseId(text)).toBe('1001');
  });

  test.each([
    ...['', 'R-', 'R', '-1', 'R--1', '1001a', 'R-1001 R-1002', '1.5', '1e3', '0x10', '１００１', '+1'],
    ...['R-1234567890123456789', '9'.repeat(5000), "1'; drop table requests", '%', 'R-1001\u0000'],
  ])('%p is no id', (text) => {
    expect(parseId(text)).toBeUndefined();
  });

  test('the longest id fits the database', () => {
    expect(BigInt(parseId('9'.repeat(18)) ?? 0) < 2n ** 63n).toBe(true);
  });

  test('is how it is shown', () => {
    expect(parseId(shown('1001'))).toBe('1001');
  });
});

describe('whom a request waits for', () => {
  test.each(states.map((state) => [state, waitingFor(aRequest(state))]))('%s: %s', (state, who) => {
    const expected: Partial<Record<typeof state, string>> = {
      checking: 'the check of its settings',
      unready: 'Alex Reseller to mend what the check found',
      pending: 'an approver',
      approved: 'TeamMate to create it',
      provisioning: 'TeamMate to create it',
      waiting: 'ops@contoso.example to activate',
      failed: 'somebody to Retry, Change or Withdraw it',
    };
    expect(who).toBe(expected[state]);
  });
});
