/** The configuration documents, for a command. */

import { ParleyError } from '../errors.js';
import type { Documents, Version, Writer } from '../remote/index.js';
import type { CommonOptions, Io } from './command.js';
import { withSession } from './session.js';

export async function withDocuments<Result>(
  io: Io,
  options: CommonOptions,
  work: (documents: Documents) => Promise<Result>,
): Promise<Result> {
  return withSession(io, options, async ({ bus }) => {
    const [{ Documents: Kept }, { silentLogger }] = await Promise.all([
      import('../remote/index.js'),
      import('../log.js'),
    ]);
    const documents = new Kept({ bus, log: silentLogger });
    try {
      await documents.start();
      return await work(documents);
    } finally {
      await documents.stop();
    }
  });
}

export function writerOf({ context: { user } }: Io): Writer {
  return { id: `cli:${user}`, name: user, from: 'cli' };
}

/** Throws NOT_FOUND. */
export function currentOf(documents: Documents, name: string): Version {
  const found = documents.current(name);
  if (found !== null) return found;
  throw new ParleyError('NOT_FOUND', `there is no document ${JSON.stringify(name)}`, {
    fix: '"parley config list" shows those that are there; "parley config put" makes one.',
  });
}

/** Throws USAGE. */
export function versionIn(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new ParleyError('USAGE', `${JSON.stringify(word)} is no version`, {
    fix: 'Write its number: "parley config history <name>" lists them.',
  });
}

/** Of a terminal: what comes and goes in colour. */
export function showDiff({ out }: Io, diff: string): void {
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('===')) continue;
    if (line.startsWith('+')) out.line(out.style('green', line));
    else if (line.startsWith('-')) out.line(out.style('red', line));
    else out.line(line);
  }
}
