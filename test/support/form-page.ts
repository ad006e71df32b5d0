import type { Answer, Sent } from '../../src/dialog/contract.ts';
import type { Harness, Posted } from './harness.ts';
import { type personal, type TestPerson, taskInvoke } from './people.ts';

/** The data of a card's button that opens a page, if it has one. */
export function pageButton(part: unknown): Record<string, unknown> | undefined {
  if (part === null || typeof part !== 'object') return undefined;
  const one = part as { type?: string; data?: Record<string, unknown> & { msteams?: { type?: string } } };
  if (one.type === 'Action.Submit' && one.data?.msteams?.type === 'task/fetch') return one.data;
  for (const value of Object.values(one)) {
    const found = pageButton(value);
    if (found) return found;
  }
  return undefined;
}

/** Clicks the button that opens a form's page. Resolves to what Teams is told to show. */
export async function fetchPage({ send }: Harness, by: TestPerson, { card, where, activityId }: Posted) {
  const { status, body } = await send(
    taskInvoke(by, 'task/fetch', pageButton(card), {
      conversation: where as ReturnType<typeof personal>,
      ...(activityId && { replyToId: activityId }),
    }),
  );
  if (status !== 200) throw new Error(`task/fetch was answered with ${status}`);
  return (body as { task: { type: string; value: string | Record<string, unknown> } }).task;
}

/** Opens a form's page. Resolves to its address, and to what calls the server as it does. */
export async function openPage(harness: Harness, by: TestPerson, form: Posted) {
  const { value } = await fetchPage(harness, by, form);
  const address = new URL((value as { url: string }).url);
  const ticket = address.hash.slice(1);
  return { address, ticket, ...callsOf(harness, ticket) };
}

export function callsOf({ app }: Harness, ticket: string) {
  const call = async (path: string, more: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${ticket}`, 'content-type': 'application/json' };
    const response = await fetch(`${app.url}${path}`, { headers, ...more });
    return { status: response.status, body: (await response.json()) as Answer & Record<string, unknown> };
  };
  return {
    show: () => call('/api/dialog/form'),
    send: (values: Record<string, string>, page: Sent['page'] = 'whole') =>
      call('/api/dialog/form', { method: 'POST', body: JSON.stringify({ page, values }) }),
    sendRaw: (body: unknown) => call('/api/dialog/form', { method: 'POST', body: JSON.stringify(body) }),
    find: (field: string, search: string) =>
      call(`/api/dialog/choices?field=${encodeURIComponent(field)}&search=${encodeURIComponent(search)}`),
  };
}
