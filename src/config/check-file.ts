/** The whole file: from its tree to the config. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { broadcastsOf } from './broadcasts-spec.js';
import { checkNetworks, type Kinds } from './check-networks.js';
import { checkRooms } from './check-rooms.js';
import { nodeSpec } from './node-spec.js';
import type { Surroundings } from './prepare.js';
import { isEmpty, type MapNode, pick, type SourceNode } from './source-node.js';
import { fileSpec } from './spec.js';
import type {
  AccessConfig,
  BackboneConfig,
  CanaryConfig,
  CommandsConfig,
  DemoConfig,
  HttpConfig,
  NodeConfig,
  ParleyConfig,
  RemoteConfig,
  SpoolConfig,
} from './types.js';
import { validate } from './validate.js';
import { describe } from './wording.js';

type Parsed = z.output<typeof fileSpec>;

const SECTIONS = ['networks', 'rooms'];

/** The config, or null after its faults were reported. */
export async function checkFile(
  root: SourceNode,
  kinds: Kinds,
  cwd: string,
  around: Surroundings,
): Promise<ParleyConfig | null> {
  const map = asMap(root, around);
  if (map === null) return null;
  const isOwn = (key: string) => !SECTIONS.includes(key);
  const parsed = validate(fileSpec, pick(map, isOwn), [], around, SECTIONS);
  refuseBoth(map, around);
  const checked = await checkNetworks(map.entries.get('networks'), kinds, around);
  const rooms = checkRooms(map.entries.get('rooms'), checked, around);
  if (parsed === undefined || around.faults.any) return null;
  const networks = [...checked].flatMap(([name, { config }]) =>
    config === null ? [] : [[name, config] as const],
  );
  return { ...topLevel(parsed, cwd), networks: new Map(networks), rooms };
}

/** The root as a map; sections with nothing behind them count as absent. */
function asMap(root: SourceNode, around: Surroundings): MapNode | null {
  if (root.kind === 'map')
    return pick(root, (key) => key.startsWith('x-') === false && !isEmpty(root.entries.get(key)));
  if (isEmpty(root)) return { kind: 'map', entries: new Map(), start: root.start, key: root.key };
  around.faults.add(root.start, [], {
    expected: 'a mapping with `networks` and `rooms`',
    got: describe(root),
  });
  return null;
}

function refuseBoth(map: MapNode, around: Surroundings): void {
  const backbone = map.entries.get('backbone');
  if (backbone === undefined || !map.entries.has('node')) return;
  around.faults.add(backbone.key, ['backbone'], {
    expected: 'either `node` or `backbone`',
    got: 'both',
    hint: '`node` runs a nats-server here, `backbone` uses the servers of others: remove one.',
  });
}

function topLevel(parsed: Parsed, cwd: string): Omit<ParleyConfig, 'networks' | 'rooms'> {
  const { prefix, log } = parsed;
  const node = parsed.backbone === undefined ? nodeOf(parsed.node, cwd) : null;
  return {
    node,
    backbone: backboneOf(parsed.backbone),
    prefix,
    log,
    history: {
      maxAgeMs: parsed.history.maxAge,
      maxBytes: parsed.history.maxBytes,
      replicas: parsed.history.replicas ?? null,
    },
    spool: spoolOf(parsed.spool, node, cwd),
    owners: { voters: parsed.owners.voters ?? null, labels: parsed.owners.labels },
    access: accessOf(parsed.access),
    bans: parsed.bans,
    http: httpOf(parsed.http),
    commands: commandsOf(parsed.commands),
    canary: canaryOf(parsed.canary),
    broadcasts: broadcastsOf(parsed.broadcasts),
    remote: parsed.remote.map(remoteOf),
    demo: demoOf(parsed.demo),
  };
}

function nodeOf(node: Parsed['node'], cwd: string): NodeConfig {
  const { publicBind, ...given } = node ?? { ...nodeSpec.parse({}) };
  const { name = ownName(), store } = given;
  // zod leaves absent keys absent, which its types do not say under `exactOptionalPropertyTypes`.
  return { ...given, name, store: resolve(cwd, store) } as NodeConfig;
}

function spoolOf(spool: Parsed['spool'], node: NodeConfig | null, cwd: string): SpoolConfig | null {
  if (typeof spool !== 'object') return null;
  const { path, maxBytes, sync } = spool;
  const byDefault = node === null ? resolve(cwd, 'data', 'spool') : resolve(node.store, 'spool');
  return { path: path === undefined ? byDefault : resolve(cwd, path), maxBytes, sync };
}

/** The host name, with what a node may not be named like replaced. */
function ownName(): string {
  return (
    hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64) || 'parley'
  );
}

function backboneOf(backbone: Parsed['backbone']): BackboneConfig | null {
  if (backbone === undefined) return null;
  const { tls, ...rest } = backbone;
  const encryption = tls === false ? {} : { tls: tls === true ? {} : tls };
  // zod leaves absent keys absent, which its types do not say under `exactOptionalPropertyTypes`.
  return { ...rest, ...encryption } as BackboneConfig;
}

function remoteOf({ name, url, document, interval, token, key }: Parsed['remote'][number]): RemoteConfig {
  return {
    name,
    url: url ?? null,
    document: document ?? null,
    intervalMs: interval,
    token: token ?? null,
    key: key ?? null,
  };
}

function accessOf({ owners, channelOperators }: Parsed['access']): AccessConfig {
  const isRole = typeof channelOperators === 'string' && channelOperators !== 'off';
  return { owners, channelOperators: isRole ? channelOperators : null };
}

function httpOf(http: Parsed['http']): HttpConfig | null {
  if (typeof http !== 'object') return null;
  const { rateLimit, ...rest } = http;
  // Absent and null differ here: the server has a default of its own. (zod leaves absent keys absent.)
  if (rateLimit === undefined) return rest as HttpConfig;
  return {
    ...(rest as HttpConfig),
    rateLimit: typeof rateLimit === 'object' ? { max: rateLimit.max, windowMs: rateLimit.window } : null,
  };
}

function commandsOf(commands: Parsed['commands']): CommandsConfig | null {
  if (typeof commands !== 'object') return null;
  const { prefixes, timeout, rooms } = commands;
  return { prefixes, timeoutMs: timeout, rooms };
}

function canaryOf(canary: Parsed['canary']): CanaryConfig | null {
  if (canary === undefined) return null;
  const { every, timeout, rooms = null } = canary;
  return { everyMs: every, timeoutMs: timeout, rooms };
}

function demoOf(demo: Parsed['demo']): DemoConfig | null {
  if (demo === undefined) return null;
  const { listen, channel } = demo.irc;
  return { irc: { host: listen.host, port: listen.port ?? 0, channel } };
}
