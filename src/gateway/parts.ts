import { join } from 'node:path';
import { BRIDGES } from '../../bridges/index.js';
import type { Control, FirstOwnerCode } from '../../control-server/index.js';
import type { Bridge } from '../bridge.js';
import type { Bus } from '../bus/index.js';
import { votersOf } from '../cluster/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import { type Gate, OPEN_GATE } from '../gate.js';
import type { Logger } from '../log.js';
import { Networks, type Standing, Switchboard } from '../network/index.js';
import type { Node } from '../node/index.js';
import type { Orders } from '../orders/index.js';
import { Owners } from '../ownership/index.js';
import type { Documents, Remotes } from '../remote/index.js';
import { RosterTable } from '../roster/index.js';
import type { Routes } from '../routing/index.js';
import { Journal } from '../trace/index.js';
import { gatewayName } from './backbone.js';
import { controlOf } from './control.js';

/** What the parts share; `config` and `routes` change with a reload. */
export interface Ground {
  readonly node: Node | null;
  readonly bus: Bus;
  readonly log: Logger;
  /** With the channels that were joined by command. */
  readonly config: () => ParleyConfig;
  /** As the file has it. */
  readonly fileConfig: () => ParleyConfig;
  readonly orders: Orders;
  readonly documents: Documents;
  readonly remotes: Remotes;
  /** Resolves once the networks follow the orders that are known now. */
  readonly ordersApplied: () => Promise<void>;
  readonly routes: () => Routes;
  /** Of Parley. */
  readonly version: string;
  /** Shows the code that makes the first owner of the control server. */
  readonly firstOwner: (code: FirstOwnerCode) => void;
}

/** What a gateway is put together from; its verbs and its HTTP server work on these. */
export interface Parts extends Ground {
  readonly name: string;
  readonly journal: Journal;
  readonly switchboard: Switchboard;
  readonly owners: Owners;
  readonly networks: Networks;
  readonly roster: RosterTable;
  /** Loads the bridge of a kind. */
  readonly bridgeOf: (kind: string) => Promise<Bridge<unknown>>;
  /** Null: commands are off. */
  readonly control: Control | null;
  /** Asked and told of every line that comes in. */
  readonly gate: Gate;
}

/** Nothing is started yet. */
export function assemble(ground: Ground): Parts {
  const { bus, log, routes } = ground;
  const config = ground.config();
  const name = gatewayName(config);
  const directory = config.node === null ? null : join(config.node.store, 'trace');
  const journal = new Journal({ directory, log });
  const { note } = journal;
  const switchboard = new Switchboard(bus, routes, log, note);
  const { voters, labels } = config.owners;
  const cluster = voters === null ? (ground.node?.cluster ?? null) : null;
  const owners = new Owners({
    bus,
    gateway: name,
    voters: voters ?? (cluster?.mode === 'cluster' ? votersOf(cluster) : [name]),
    labels,
    apart: cluster?.mode === 'leaf',
    log,
  });
  const control = controlOf(ground, name, () => parts);
  const gate = control ?? OPEN_GATE;
  const networks = new Networks({
    bus,
    owners,
    switchboard,
    routes,
    bridgeOf,
    log,
    note,
    gate,
    standing: standingBy(ground.orders),
  });
  const roster = new RosterTable(bus, log);
  const parts: Parts = {
    ...ground,
    bridgeOf,
    name,
    journal,
    switchboard,
    owners,
    networks,
    roster,
    control,
    gate,
  };
  return parts;
}

const WHOLE_NETWORK = '*';

function standingBy(orders: Orders): Standing {
  return {
    isMuted: (network, channel) => orders.isMuted(network, channel),
    on: (network) => ({
      muted: Object.fromEntries(
        orders.mutesOn(network).map(({ channel, until }) => [channel ?? WHOLE_NETWORK, until]),
      ),
      byCommand: orders
        .joins()
        .filter((join) => join.network === network)
        .map(({ channel }) => channel),
    }),
  };
}

async function bridgeOf(kind: string): Promise<Bridge<unknown>> {
  const load = BRIDGES[kind];
  if (load === undefined) throw new ParleyError('CONFIG_INVALID', `no bridge of kind "${kind}"`);
  return (await load()).default as Bridge<unknown>;
}
