import type { OwnersAnswer } from '../answers.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import type { Row } from '../output.js';
import { withSession } from '../session.js';

export const ownersListCommand: CommandSpec = {
  name: 'list',
  summary: 'show which gateway owns which network',
  details:
    'As the gateway of this config sees it. STANDBY: who would take over, the next one first. Ends with 1 when a network has no owner.',
  examples: [
    ['owners', 'network, owner, epoch of its lease, since when, who is next'],
    ['owners --json', 'for a script'],
  ],
  isDefault: true,
  async run(io, _args, options) {
    return withSession(io, options, async ({ ask }) => {
      const answer = await ask<OwnersAnswer>('owners', {});
      if (io.out.json) io.out.document(answer);
      else {
        io.out.table(['NETWORK', 'OWNER', 'EPOCH', 'SINCE', 'STANDBY'], answer.owners.map(rowOf));
        if (answer.drained) io.out.note(`${answer.gateway} is drained: it takes no networks.`);
      }
      return answer.owners.every(({ owner }) => owner !== null) ? EXIT.ok : EXIT.failed;
    });
  },
};

function rowOf({ network, owner, epoch, since, standby }: OwnersAnswer['owners'][number]): Row {
  const name = owner === null ? { text: 'none', style: 'red' as const } : { text: owner };
  return [network, name, epoch ?? '', since ?? '', standby.join(' ')];
}
