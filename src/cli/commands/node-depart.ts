/** The ways in which a node goes: for a while, for good, or because its machine is gone. */
import { requireNode } from '../certificates.js';
import type { CommandSpec, Io } from '../command.js';
import { EXIT } from '../exit.js';
import { withSession } from '../session.js';

const DRAIN_MS = 15_000;
/** Copies of the whole log are made elsewhere meanwhile. */
const MOVE_MS = 200_000;

interface Departed {
  readonly removed: string;
  readonly members: readonly string[];
  readonly lagging: readonly string[];
}

export const nodeDrainCommand: CommandSpec = {
  name: 'drain',
  summary: 'stop this node without a gap: its networks and clients go to the others first',
  details:
    'For work on the machine. It stays a member; `parley start` brings it back. Refused when no other gateway is there to take the networks.',
  examples: [['node drain', 'before a reboot']],
  run: (io, _args, options) =>
    withSession(io, options, async ({ ask, config }) => {
      const { name } = requireNode(config);
      await ask('shutdown', {}, DRAIN_MS);
      if (io.out.json) io.out.document({ node: name, state: 'drained' });
      else io.out.line(`${name}\tdrained`);
      io.out.note('It stops now; `parley start` brings it back.');
      return EXIT.ok;
    }),
};

export const nodeLeaveCommand: CommandSpec = {
  name: 'leave',
  summary: 'take this node out of its cluster for good',
  details:
    'Its networks go to other gateways, its copies of the log are made on other nodes, then it stops; what it had is put aside in its store. ' +
    'Refused when fewer than three would be left: replace it instead.',
  examples: [['node leave', 'on the machine that goes']],
  run: (io, _args, options) =>
    withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const departed = await ask<Departed>('leave', {}, MOVE_MS);
      io.out.note(
        'It stops now. What it had lies in `left-…` in its store; remove that when you do not need it.',
      );
      return show(io, departed);
    }),
};

export const nodeRemoveCommand: CommandSpec = {
  name: 'remove <name>',
  summary: 'remove a member whose machine never returns',
  details:
    'It counts for no majority any more, and its copies of the log are made on other nodes. Refused while it is up, and when fewer than three would be left.',
  examples: [['node remove gamma', 'on any other member']],
  run: (io, [name = ''], options) =>
    withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      return show(io, await ask<Departed>('remove', { name }, MOVE_MS));
    }),
};

function show({ out }: Io, departed: Departed): number {
  const { removed, members, lagging } = departed;
  if (out.json) out.document(departed);
  else out.line(`${removed}\tremoved\t${members.join(' ')}`);
  if (lagging.length > 0) out.note(`Not level yet: ${lagging.join(', ')}. \`parley node list\` shows it.`);
  return lagging.length > 0 ? EXIT.failed : EXIT.ok;
}
