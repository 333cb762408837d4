import { join } from 'node:path';
import { BRIDGES } from '../../bridges/index.js';
import type { Bridge } from '../bridge.js';
import type { Bus } from '../bus/index.js';
import { votersOf } from '../cluster/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Logger } from '../log.js';
import { Networks, Switchboard } from '../network/index.js';
import type { Node } from '../node/index.js';
import { Owners } from '../ownership/index.js';
import type { Routes } from '../routing/index.js';
import { Journal } from '../trace/index.js';
import { gatewayName } from './backbone.js';

/** What the parts share; `config` and `routes` change with a reload. */
export interface Ground {
  readonly node: Node | null;
  readonly bus: Bus;
  readonly log: Logger;
  readonly config: () => ParleyConfig;
  readonly routes: () => Routes;
  /** Asked and told of every line that comes in. */
  readonly gate: Gate;
}

/** What a gateway is put together from; its verbs and its HTTP server work on these. */
export interface Parts extends Ground {
  readonly name: string;
  readonly journal: Journal;
  readonly switchboard: Switchboard;
  readonly owners: Owners;
  readonly networks: Networks;
}

/** Nothing is started yet. */
export function assemble(ground: Ground): Parts {
  const { bus, log, routes, gate } = ground;
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
  const networks = new Networks({ bus, owners, switchboard, routes, bridgeOf, log, note, gate });
  return { ...ground, name, journal, switchboard, owners, networks };
}

async function bridgeOf(kind: string): Promise<Bridge<unknown>> {
  const load = BRIDGES[kind];
  if (load === undefined) throw new ParleyError('CONFIG_INVALID', `no bridge of kind "${kind}"`);
  return (await load()).default as Bridge<unknown>;
}
