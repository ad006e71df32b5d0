import type * as z from 'zod';
import { BackendUnavailable } from './backend.ts';
import type { TeamMateHttp } from './teammate-http.ts';

/** Entries a page, and pages before we stop believing that a list ends: 20 000 entries. */
const list = { size: 100, pages: 200 };

interface Page {
  _links?: { next?: string | null | undefined } | null | undefined;
}

/**
 * The pages of a list, following its `_links`.
 * @throws BackendUnavailable when it does not end: to stop in silence would be to say of what stands behind that it does
 * not exist.
 */
export async function* pagesOf<P extends Page>(
  http: TeamMateHttp,
  { path: base, query, answer }: { path: string; query: Record<string, string>; answer: z.ZodType<P, unknown> },
): AsyncGenerator<P> {
  const seen = new Set<string>();
  let path = `${base}?${new URLSearchParams({ ...query, page: '0', size: String(list.size) })}`;
  while (!seen.has(path) && seen.size < list.pages) {
    seen.add(path);
    const page = await http.call({ method: 'GET', path, answer, repeatable: true });
    yield page;
    const next = page._links?.next;
    if (!next) return;
    path = http.sameOrigin(next, path);
  }
  throw new BackendUnavailable(`TeamMate’s list at ${base} did not end after ${seen.size} pages.`);
}

export const withId = (path: string, reference: string) => path.replace('{id}', () => encodeURIComponent(reference));

/** Ids are numbers to TeamMate; one that is none goes as it is, and TeamMate says what it thinks of it. */
export const asNumber = (id: string) => (/^\d{1,15}$/.test(id) ? Number(id) : id);
