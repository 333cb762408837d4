import type { CommandSpec } from '../command.js';
import { withSession } from '../session.js';

interface ListOptions {
  readonly network?: string;
}

const MOST = 1000;

export const deadListCommand: CommandSpec<ListOptions> = {
  name: 'list',
  summary: 'list messages that a network would not take, and why',
  details: `The newest ${MOST}, oldest first.`,
  examples: [
    ['dead list', 'every network'],
    ['dead list --network quakenet --json', 'with the whole events'],
  ],
  options: [['--network <name>', 'only this network']],
  async run(io, _args, options) {
    return withSession(io, options, async ({ bus }) => {
      const letters = await bus.dead.list(options.network ?? null, MOST);
      if (io.out.json) io.out.document({ letters });
      else if (letters.length === 0) io.out.note('No dead letters.');
      else {
        io.out.table(
          ['NUMBER', 'TIME', 'NETWORK', 'CHANNEL', 'TRIES', 'TEXT', 'REASON'],
          letters.map(({ sequence, time, network, channel, attempts, event, reason }) => [
            sequence,
            time,
            network,
            channel,
            attempts,
            excerpt(event.data.text),
            reason,
          ]),
        );
      }
      return 0;
    });
  },
};

function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
