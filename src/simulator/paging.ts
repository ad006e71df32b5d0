import type { Request } from 'restify';
import * as z from 'zod';

/** (I) Bounds of a page; the documentation says that there are pages, not how large. */
export const pageQuery = {
  page: z.coerce.number().int().min(0).max(1_000_000).default(0),
  size: z.coerce.number().int().min(1).max(100).default(20),
};

/** One page of a list: (E) with `_links`, (I) the rest, after HAL. `query` is what the links to other pages repeat. */
export const pageOf = <One>(request: Request, { all, ...paging }: Paging & { all: readonly One[] }) =>
  pageFrom(request, { ...paging, total: all.length, rows: (from, to) => all.slice(from, to) });

/** The same of a list that is made as it is read: `rows` gives those from one number to before another. */
export function pageFrom<One>(
  request: Request,
  { key, total, rows, page, size, query = {} }: Paging & { total: number; rows(from: number, to: number): One[] },
): Record<string, unknown> {
  const pages = Math.ceil(total / size);
  const link = (number: number) => ({
    href: `${request.path()}?${new URLSearchParams({ ...query, page: String(number), size: String(size) })}`,
  });
  const end = Math.min((page + 1) * size, total);
  return {
    [key]: rows(Math.min(page * size, end), end),
    page: { number: page, size, totalElements: total, totalPages: pages },
    _links: { self: link(page), ...(page + 1 < pages ? { next: link(page + 1) } : {}) },
  };
}

interface Paging {
  key: string;
  page: number;
  size: number;
  query?: Record<string, string>;
}
