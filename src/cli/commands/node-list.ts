import type { ClusterState } from '../../node/index.js';
import { requireNode } from '../certificates.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import type { Row } from '../output.js';
import { withSession } from '../session.js';

const ASK_MS = 10_000;

/** A member as the node that was asked sees it. */
interface Listed {
  readonly name: string;
  readonly client: string;
  readonly route: string;
  readonly state: 'up' | 'away' | 'waits';
}
interface Listing {
  readonly cluster: string;
  readonly mode: ClusterState['mode'];
  readonly self: string;
  readonly members: readonly Listed[];
}

export const nodeListCommand: CommandSpec = {
  name: 'list',
  summary: 'show the nodes of the cluster',
  details: 'As this node sees them. Ends with 1 when one is away, so that a script can watch it.',
  examples: [
    ['node list', 'a table'],
    ['node list --json | jq .members[].name', 'for a script'],
  ],
  async run(io, _args, options) {
    return withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const listing = await ask<Listing>('members', {}, ASK_MS);
      if (io.out.json) io.out.document(listing);
      else io.out.table(['NODE', 'STATE', 'CLIENTS', 'ROUTES'], listing.members.map(rowOf));
      return listing.members.some(({ state }) => state === 'away') ? EXIT.failed : EXIT.ok;
    });
  },
};

function rowOf({ name, state, client, route }: Listed): Row {
  const style = state === 'up' ? 'green' : state === 'away' ? 'red' : 'yellow';
  return [name, { text: state, style }, client, route];
}
