/** Where a config comes from: a file, or an http(s) URL. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ParleyError, reasonOf } from '../errors.js';

export interface Source {
  /** For faults and logs: never with credentials. */
  readonly name: string;
  readonly text: string;
  /** What relative paths in it are relative to. */
  readonly directory: string;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 10_000;

export function isUrl(source: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(source);
}

/** Reads nothing when the text is given. Throws ParleyError CONFIG_UNREADABLE. */
export async function readSource(source: string, cwd: string, text?: string): Promise<Source> {
  if (text !== undefined) {
    const directory = isUrl(source) ? cwd : dirname(resolve(cwd, source));
    return { name: nameOf(source), text, directory };
  }
  return isUrl(source) ? fetchSource(source, cwd) : readSourceFile(source, cwd);
}

async function readSourceFile(source: string, cwd: string): Promise<Source> {
  const path = resolve(cwd, source);
  try {
    const { size } = await stat(path);
    if (size > MAX_CONFIG_BYTES) throw tooLarge(source);
    return { name: source, text: toText(await readFile(path), source), directory: dirname(path) };
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw unreadable(source, error);
  }
}

function unreadable(source: string, cause: unknown): ParleyError {
  const { code } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'it may not be read by this user',
    EISDIR: 'it is a directory',
  };
  const fix =
    code === 'ENOENT' || code === 'EISDIR'
      ? 'Write one with `parley init`, or name one with `--config <file>`.'
      : `Make ${source} readable.`;
  return new ParleyError(
    'CONFIG_UNREADABLE',
    `Cannot read ${source}: ${reasons[code ?? ''] ?? reasonOf(cause)}.`,
    {
      fix,
      cause,
    },
  );
}

function tooLarge(name: string): ParleyError {
  return new ParleyError('CONFIG_UNREADABLE', `${name} is larger than 4 MB.`, {
    fix: 'Check that it is a Parley config.',
  });
}

async function fetchSource(source: string, cwd: string): Promise<Source> {
  const url = parseUrl(source);
  const name = nameOf(source);
  try {
    const { username, password } = url;
    const headers = username === '' ? {} : { authorization: basic(username, password) };
    const bare = new URL(`${url.origin}${url.pathname}${url.search}`);
    const response = await fetch(bare, { headers, signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return { name, text: toText(await readBody(response, name), name), directory: cwd };
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('CONFIG_UNREADABLE', `Cannot fetch ${name}: ${fetchReason(error)}.`, {
      fix: 'Check the address, and that the server answers within 10 s.',
    });
  }
}

/** A URL without its credentials and query. */
function nameOf(source: string): string {
  if (!isUrl(source)) return source;
  const { origin, pathname } = parseUrl(source);
  return `${origin}${pathname}`;
}

function parseUrl(source: string): URL {
  const url = URL.canParse(source) ? new URL(source) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const scheme = source.slice(0, source.indexOf('://'));
  throw new ParleyError('CONFIG_UNREADABLE', `Cannot load a config over ${scheme}: it is no http(s) URL.`, {
    fix: 'Name a file, or a URL that starts with http:// or https://.',
  });
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** `fetch` hides the reason ("fetch failed") in its cause. */
function fetchReason(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time';
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : reasonOf(error);
}

async function readBody(response: Response, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_CONFIG_BYTES) throw tooLarge(name);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ParleyError('CONFIG_UNREADABLE', `${name} is not UTF-8 text.`, { fix: 'Save it as UTF-8.' });
  }
}
