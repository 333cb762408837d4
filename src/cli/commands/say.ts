import { text as readAll } from 'node:stream/consumers';
import type { CommandSpec, Io } from '../command.js';
import { roomOf } from '../rooms.js';
import { withSession } from '../session.js';

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
    return withSession(io, options, async ({ config, bus }) => {
      roomOf(config, room);
      const { sequence } = await bus.store(event);
      if (io.out.json) io.out.document({ sequence, event });
      else io.out.note(`Stored as ${event.id}.`);
      return 0;
    });
  },
};

async function textOf({ context }: Io, words: readonly string[]): Promise<string> {
  const fromStdin = words.length === 1 && words[0] === '-';
  return fromStdin ? await readAll(context.stdin) : words.join(' ');
}
