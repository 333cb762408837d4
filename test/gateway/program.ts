/** The built program as a process of its own, and what a client of its HTTP API does. */
import { fileURLToPath } from 'node:url';
import { type PeerProcess, startProcess, type TestContext } from '../peers/index.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface ProgramOptions {
  readonly name: string;
  readonly directory: string;
  /** Path of the config. */
  readonly config: string;
  /** For Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `parley start`; resolves once the process runs. */
export function startProgram(t: TestContext, options: ProgramOptions): Promise<PeerProcess> {
  const { name, directory, config, nodeArgs = [], env } = options;
  return startProcess(t, {
    name,
    command: process.execPath,
    args: [...nodeArgs, MAIN, 'start', '-c', config],
    cwd: directory,
    ...(env === undefined ? {} : { env }),
  });
}

export interface Post {
  /** Of the gateway's HTTP API. */
  readonly url: string;
  readonly token: string;
  readonly room: string;
  readonly text: string;
  /** Idempotency-Key; as the text when absent. */
  readonly key?: string;
  readonly timeoutMs: number;
}

/** Rejects when nobody answers, or not in time. */
export async function post(line: Post): Promise<{ readonly status: number; readonly reply: string }> {
  const { url, token, room, text, key = encodeURIComponent(text), timeoutMs } = line;
  const answer = await fetch(`${url}/v1/rooms/${room}/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ text }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: answer.status, reply: await answer.text() };
}
