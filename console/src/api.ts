/** The HTTP API of the gateway that served the page. The token is sent as a header, never kept in a cookie. */
import type { Answered, Logged } from './types.js';

const AGAIN_MS = 2000;
/** The gateway says something every 15 s, if only that it is there. */
const SILENT_MS = 45_000;

/** A problem (RFC 9457), or that nobody answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** What to do next. */
  readonly fix: string;
  /** What else the answer says. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, detail: string, fix: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.status = status;
    this.fix = fix;
    this.members = members;
  }
}

export interface Answer<Body> {
  readonly body: Body;
  readonly headers: Headers;
}

export interface Follower {
  /** What is said from now on will be heard; `resumes`: and what was said since the last event that was heard. */
  readonly opened: (resumes: boolean) => void;
  readonly heard: (event: Logged) => void;
  readonly lost: (why: ApiError) => void;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class Api {
  readonly #token: string;
  /** The token is not valid any more. */
  readonly #refused: (why: ApiError) => void;

  constructor(token: string, refused: (why: ApiError) => void) {
    this.#token = token;
    this.#refused = refused;
  }

  /** `path` below /v1. Throws ApiError. */
  async get<Body>(path: string): Promise<Body> {
    return (await this.send<Body>('GET', path)).body;
  }

  async send<Body>(
    method: Method,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await this.#fetch(path, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { body: (await answer.json()) as Body, headers: answer.headers };
  }

  /** A command as one says it to the bot alone. */
  async command(line: string, room?: string): Promise<Answered> {
    const asked = { line, ...(room === undefined ? {} : { room }) };
    return (await this.send<Answered>('POST', '/commands', asked)).body;
  }

  /** Every event of a room from now on, until the signal is aborted. Comes back by itself. */
  async follow(room: string, follower: Follower, signal: AbortSignal): Promise<void> {
    let place: string | null = null;
    while (!signal.aborted) {
      try {
        const resume: Record<string, string> = place === null ? {} : { 'last-event-id': place };
        const path = `/rooms/${encodeURIComponent(room)}/stream`;
        const answer = await this.#fetch(path, { headers: resume, signal });
        follower.opened(place !== null);
        for await (const block of blocksOf(answer)) {
          place = /^id: (.*)$/m.exec(block)?.[1] ?? place;
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data !== undefined) follower.heard(JSON.parse(data) as Logged);
        }
      } catch (error) {
        if (signal.aborted) return;
        follower.lost(asApiError(error));
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` };
    const url = new URL(`../v1${path}`, document.baseURI);
    let answer: Response;
    try {
      answer = await fetch(url, { ...init, headers, credentials: 'omit', redirect: 'error' });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw unreachable();
    }
    if (answer.ok) return answer;
    const problem = await problemIn(answer);
    if (answer.status === 401) this.#refused(problem);
    throw problem;
  }
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, error instanceof Error ? error.message : String(error), 'Load the page again.');
}

function unreachable(): ApiError {
  return new ApiError(
    0,
    'The gateway does not answer.',
    'Is it running? The page goes on by itself when it is back.',
  );
}

async function problemIn(answer: Response): Promise<ApiError> {
  try {
    const { detail, title, fix, ...members } = (await answer.json()) as Record<string, unknown>;
    const what = detail ?? title ?? answer.statusText;
    return new ApiError(answer.status, String(what), String(fix ?? ''), members);
  } catch {
    return new ApiError(answer.status, `${answer.status} ${answer.statusText}`, 'Try again in a moment.');
  }
}

async function* blocksOf(answer: Response): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let text = '';
  try {
    for (;;) {
      const { done, value = '' } = await inTime(reader.read());
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** A connection that died without a word would be waited at for ever. */
async function inTime<Value>(read: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unreachable()), SILENT_MS);
  });
  return Promise.race([read, silence]).finally(() => clearTimeout(timer));
}
