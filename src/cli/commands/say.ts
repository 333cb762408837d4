import { text as readAll } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { ParleyError, reasonOf } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { roomOf } from '../rooms.js';
import { isUnavailable, withSession } from '../session.js';

/** 4-9 s, and time for the nodes to notice. */
const ELECTION_MS = 15_000;
const AGAIN_MS = 500;
const SILENCE_MS = 2000;
const WAITING = 'The log does not answer; trying again.';

interface SayOptions {
  readonly as?: string;
}

export const sayCommand: CommandSpec<SayOptions> = {
  name: 'say <room> <text...>',
  summary: 'say something in a room',
  details: 'Ends once the message is stored on the backbone: it is then delivered even if a network is away.',
  examples: [
    ['say lobby hello from the shell', 'as the user who runs it'],
    ['say lobby --as deploy "version 2 is out"', 'under another name'],
    ['say lobby - < notes.txt', 'what stdin holds'],
  ],
  options: [['--as <name>', 'name to speak under (default: your login name)']],
  async run(io, [room = '', ...words], options) {
    const { spokenEvent } = await import('../spoken-event.js');
    const { user } = io.context;
    const event = spokenEvent({ room, user, name: options.as ?? user, text: await textOf(io, words) });
    const end = performance.now() + ELECTION_MS;
    const say = () =>
      withSession(io, options, async ({ config, bus }) => {
        roomOf(config, room);
        const { sequence } = await by(end, io, bus.store(event));
        if (io.out.json) io.out.document({ sequence, event });
        else io.out.note(`Stored as ${event.id}.`);
        return 0;
      });
    return patiently(end, io, say);
  },
};

/** A log without a leader answers nothing, and is asked again. Under the one id it is said once, however often it is sent. */
async function patiently<Result>(end: number, io: Io, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isThere = isUnavailable(error) && !/CONNECTION_REFUSED/.test(reasonOf(error));
      if (!isThere || performance.now() > end) throw error;
      io.out.note(WAITING);
      await pause(AGAIN_MS);
    }
  }
}

/** The connection stands, but the log has no leader: the bus goes on trying, without a word and for ever. */
async function by<Result>(end: number, io: Io, storing: Promise<Result>): Promise<Result> {
  const early = new AbortController();
  const { signal } = early;
  const late = pause(end - performance.now(), undefined, { signal }).then(() => {
    throw untaken();
  });
  late.catch(() => {});
  const note = setTimeout(() => io.out.note(WAITING), SILENCE_MS);
  try {
    return await Promise.race([storing, late]);
  } finally {
    clearTimeout(note);
    early.abort();
  }
}

function untaken(): ParleyError {
  const seconds = ELECTION_MS / 1000;
  return new ParleyError('BACKBONE_UNAVAILABLE', `the log did not take the message within ${seconds} s`, {
    fix: '`parley status` says whether enough nodes are up. It may be stored yet: look with `parley tail` before you say it again.',
  });
}

async function textOf({ context }: Io, words: readonly string[]): Promise<string> {
  const fromStdin = words.length === 1 && words[0] === '-';
  return fromStdin ? await readAll(context.stdin) : words.join(' ');
}
