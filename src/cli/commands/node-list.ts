import type { ClusterState } from '../../node/index.js';
import { requireNode } from '../certificates.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import type { Row } from '../output.js';
import { withSession } from '../session.js';

const ASK_MS = 10_000;

const HEADS = ['NODE', 'ROLE', 'STATE', 'SERVER', 'STREAMS', 'CLOCK', 'CLIENTS', 'ROUTES'];

/** A member as the node that was asked sees it. */
interface Listed {
  readonly name: string;
  readonly client: string;
  readonly route: string;
  readonly role: 'member' | 'pending';
  readonly state: 'up' | 'away' | 'waits';
  readonly version: string | null;
  readonly clockMs: number | null;
  readonly copies: { readonly current: number; readonly behind: number; readonly lag: number };
}
/** Leaf nodes that are away are not known. */
interface Leaf {
  readonly name: string;
  readonly version: string;
  readonly clockMs: number;
}
interface Listing {
  readonly cluster: string;
  readonly mode: ClusterState['mode'];
  readonly self: string;
  readonly members: readonly Listed[];
  readonly leaves: readonly Leaf[];
}

export const nodeListCommand: CommandSpec = {
  name: 'list',
  summary: 'show the nodes of the cluster',
  details:
    'As this node sees them: its role, the version of its nats-server, how many copies of streams it has (and how many of them are behind), how far its clock is ahead of this one. Ends with 1 when one is away, so that a script can watch it.',
  examples: [
    ['node list', 'a table'],
    ['node list --json | jq .members[].name', 'for a script'],
  ],
  async run(io, _args, options) {
    return withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const listing = await ask<Listing>('members', {}, ASK_MS);
      if (io.out.json) io.out.document(listing);
      else io.out.table(HEADS, [...listing.members.map(rowOf), ...listing.leaves.map(leafRow)]);
      return listing.members.some(({ state }) => state === 'away') ? EXIT.failed : EXIT.ok;
    });
  },
};

function rowOf({ name, role, state, client, route, version, clockMs, copies }: Listed): Row {
  const style = state === 'up' ? 'green' : state === 'away' ? 'red' : 'yellow';
  const { current, behind, lag } = copies;
  const streams = behind === 0 ? `${current}` : `${current}, ${behind} behind by ${lag}`;
  const clock = clockMs === null ? '-' : `${clockMs} ms`;
  return [name, role, { text: state, style }, version ?? '-', streams, clock, client, route];
}

function leafRow({ name, version, clockMs }: Leaf): Row {
  return [name, 'leaf', { text: 'up', style: 'green' }, version, '-', `${clockMs} ms`, '-', '-'];
}
