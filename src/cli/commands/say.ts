import { text as readAll } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { roomOf } from '../rooms.js';
import { isUnavailable, withSession } from '../session.js';

/** 4-9 s, and time for the nodes to notice. */
const ELECTION_MS = 15_000;
const AGAIN_MS = 500;

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
    const say = () =>
      withSession(io, options, async ({ config, bus }) => {
        roomOf(config, room);
        const { sequence } = await bus.store(event);
        if (io.out.json) io.out.document({ sequence, event });
        else io.out.note(`Stored as ${event.id}.`);
        return 0;
      });
    return patiently(io, say);
  },
};

/** A log without a leader answers nothing, and is asked again. Under the one id it is said once, however often it is sent. */
async function patiently<Result>(io: Io, work: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + ELECTION_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isThere = isUnavailable(error) && !/CONNECTION_REFUSED/.test(reasonOf(error));
      if (!isThere || performance.now() > end) throw error;
      io.out.note('The log does not answer; trying again.');
      await pause(AGAIN_MS);
    }
  }
}

async function textOf({ context }: Io, words: readonly string[]): Promise<string> {
  const fromStdin = words.length === 1 && words[0] === '-';
  return fromStdin ? await readAll(context.stdin) : words.join(' ');
}
