import * as z from 'zod';
import {
  type Batch,
  type BatchVerb,
  type Board,
  boardSchema,
  type DecisionBody,
  decidedBatchSchema,
  decidedSchema,
  paths,
  type Refusal,
  type Request,
  refusedSchema,
  requestSchema,
  type Settings,
  type Stages,
  settingsSchema,
  stagesSchema,
  type Verb,
} from '../board/contract.ts';
import { SignOnFailed } from './host.ts';
import { say } from './words.ts';

// The page's security policy forbids code that is made at run time, which zod would try.
z.config({ jitless: true });

/** The server says no, and why. */
export class Refused extends Error {
  readonly status: number;
  readonly refusal: Refusal;
  /** How it is now, when it moved on meanwhile. */
  readonly request: Request | undefined;
  readonly batch: Batch | undefined;
  constructor(status: number, { refusal, request, batch }: z.infer<typeof refusedSchema>) {
    super(refusal.says);
    this.name = 'Refused';
    this.status = status;
    this.refusal = refusal;
    this.request = request;
    this.batch = batch;
  }
}

/** The server could not be reached, or did not answer as it should. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('unreachable', { cause });
    this.name = 'Unreachable';
  }
}

/** What somebody reads of a failed call: what it is, and what to do. */
export function toldOf(error: unknown): { says: string; next: string } {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof SignOnFailed) return { says: say('tab.sign-on.says'), next: say('tab.sign-on.next') };
  return { says: say('tab.unreachable.says'), next: say('tab.unreachable.next') };
}

/**
 * Who asks: what stands in `authorization`. `refused`: that one was not taken, so another one is needed. `quiet`: no person
 * wants it now, so none is to be asked to sign in.
 */
export type Identity = (asking: { refused?: string; quiet?: boolean }) => Promise<string>;

export interface Calls {
  board(search: string): Promise<Board>;
  stages(): Promise<Stages>;
  request(id: string): Promise<Request>;
  decide(id: string, verb: Verb, body: DecisionBody): Promise<Request>;
  decideBatch(id: string, verb: BatchVerb, body: DecisionBody): Promise<Batch>;
  /** The board as a file, and the name the server gives it. */
  csv(search: string): Promise<{ name: string; file: Blob }>;
  /** A call as it is, signed on quietly: for the stream, which comes back by itself. @throws SignOnFailed */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** What the page needs before anybody has signed on. @throws Unreachable */
export const readSettings = (): Promise<Settings> =>
  fetch(paths.settings)
    .then(async (response) => settingsSchema.parse(await response.json()))
    .catch((error) => {
      throw new Unreachable(error);
    });

/** @throws Refused, Unreachable, SignOnFailed */
export function createCalls(identity: Identity, language: string): Calls {
  const signed = async (path: string, init: RequestInit = {}, quiet = false): Promise<Response> => {
    const send = (authorization: string) =>
      fetch(path, { ...init, headers: { ...init.headers, authorization, 'accept-language': language } });
    const first = await identity({ quiet });
    const response = await send(first);
    // A token that ended while the page lay open: Teams gives another one without asking anybody.
    return response.status === 401 ? send(await identity({ refused: first, quiet })) : response;
  };
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await signed(path, init).catch((error) => {
      if (error instanceof TypeError) throw new Unreachable(error);
      throw error;
    });
    if (response.ok) return response;
    const body = refusedSchema.safeParse(await response.json().catch(() => undefined));
    throw body.success ? new Refused(response.status, body.data) : new Unreachable(response.status);
  };
  const read = async <Schema extends z.ZodType>(schema: Schema, path: string, init?: RequestInit) => {
    const answer = await ask(path, init);
    const body = schema.safeParse(await answer.json().catch(() => undefined));
    if (body.success) return body.data;
    throw new Unreachable(body.error);
  };
  const post = (body: DecisionBody): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const searched = (search: string) => (search.trim() ? `?${new URLSearchParams({ search: search.trim() })}` : '');

  return {
    board: (search) => read(boardSchema, `${paths.board}${searched(search)}`),
    stages: () => read(stagesSchema, paths.stages),
    request: (id) => read(requestSchema, paths.request(id)),
    decide: async (id, verb, body) => (await read(decidedSchema, paths.decide(id, verb), post(body))).request,
    decideBatch: async (id, verb, body) =>
      (await read(decidedBatchSchema, paths.decideBatch(id, verb), post(body))).batch,
    async csv(search) {
      const answer = await ask(`${paths.csv}${searched(search)}`);
      const name = /filename="?([^";]+)/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
      return { name: name ?? 'board.csv', file: await answer.blob() };
    },
    fetch: (path, init) => signed(path, init, true),
  };
}
