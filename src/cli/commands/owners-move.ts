import { ParleyError } from '../../errors.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import { withSession } from '../session.js';

/** The owner closes the network first. */
const MOVE_MS = 10_000;

export const ownersMoveCommand: CommandSpec = {
  name: 'move <network> <gateway>',
  summary: 'let another gateway own a network',
  details: 'It stays there until that gateway stops, is drained or dies, whatever the network prefers.',
  examples: [
    ['owners move quakenet beta', 'beta takes quakenet within a second'],
    ['owners move quakenet beta --json', 'for a script'],
  ],
  async run(io, [network, to], options) {
    if (network === undefined || to === undefined)
      throw new ParleyError('USAGE', 'expected a network and a gateway');
    return withSession(io, options, async ({ ask }) => {
      await ask('move', { network, to }, MOVE_MS);
      if (io.out.json) io.out.document({ network, to });
      else io.out.line(`${network}\t${to}`);
      return EXIT.ok;
    });
  },
};
