import type { Request } from 'restify';
import * as z from 'zod';

/** (I) Bounds of a page; the documentation says that there are pages, not how large. */
export const pageQuery = {
  page: z.coerce.number().int().min(0).max(1_000_000).default(0),
  size: z.coerce.number().int().min(1).max(100).default(20),
};

/** One page of a list: (E) with `_links`, (I) the rest, after HAL. `query` is what the links to other pages repeat. */
export function pageOf<Key extends string, One>(
  request: Request,
  { key, all, page, size, query = {} }: Paging<Key, One>,
): Record<string, unknown> {
  const pages = Math.ceil(all.length / size);
  const link = (number: number) => ({
    href: `${request.path()}?${new URLSearchParams({ ...query, page: String(number), size: String(size) })}`,
  });
  return {
    [key]: all.slice(page * size, (page + 1) * size),
    page: { number: page, size, totalElements: all.length, totalPages: pages },
    _links: { self: link(page), ...(page + 1 < pages ? { next: link(page + 1) } : {}) },
  };
}

interface Paging<Key extends string, One> {
  key: Key;
  all: readonly One[];
  page: number;
  size: number;
  query?: Record<string, string>;
}
