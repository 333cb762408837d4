/** The `networks` section: each network's core fields, its kind, and its bridge's own fields. */
import type { BridgeSpec } from './bridge-spec.js';
import { NAME, NAME_WORDS } from './names.js';
import { channelSpec, networkSpec } from './network-spec.js';
import type { Surroundings } from './prepare.js';
import { keysOf, strict } from './schema-walk.js';
import { rememberSecrets } from './secrets.js';
import { isEmpty, type MapNode, type Path, pick, type SourceNode } from './source-node.js';
import { didYouMean } from './suggest.js';
import type { FloodConfig, NetworkConfig } from './types.js';
import { validate } from './validate.js';
import { describe, oneOf } from './wording.js';

export interface Kinds {
  /** Known kinds, for "did you mean". */
  readonly names: readonly string[];
  /** Null for a kind that does not exist. */
  load(kind: string): Promise<BridgeSpec | null>;
}

export interface CheckedNetwork {
  /** Null when the kind is unknown: its channels cannot be judged. */
  readonly bridge: BridgeSpec | null;
  /** Null when it has faults. */
  readonly config: NetworkConfig | null;
}

const CORE_KEYS = ['bridge', ...keysOf(networkSpec)];
const CHANNEL_KEYS = keysOf(channelSpec);

export async function checkNetworks(
  section: SourceNode | undefined,
  kinds: Kinds,
  around: Surroundings,
): Promise<ReadonlyMap<string, CheckedNetwork>> {
  const checked = new Map<string, CheckedNetwork>();
  for (const [name, node] of entriesOf(section, ['networks'], 'network', around)) {
    checked.set(name, await checkNetwork(name, node, kinds, around));
  }
  return checked;
}

/** The named maps of a section, after the names were judged. */
export function entriesOf(
  section: SourceNode | undefined,
  path: Path,
  what: string,
  around: Surroundings,
): readonly (readonly [string, SourceNode])[] {
  if (section === undefined || isEmpty(section)) return [];
  if (section.kind !== 'map') {
    around.faults.add(section.start, path, {
      expected: `a mapping of ${what}s by name`,
      got: describe(section),
    });
    return [];
  }
  for (const [name, node] of section.entries) {
    if (NAME.test(name)) continue;
    around.faults.add(node.key, [...path, name], {
      expected: NAME_WORDS,
      got: JSON.stringify(name.slice(0, 80)),
    });
  }
  return [...section.entries];
}

async function checkNetwork(
  name: string,
  node: SourceNode,
  kinds: Kinds,
  around: Surroundings,
): Promise<CheckedNetwork> {
  const path = ['networks', name];
  if (CHANNEL_KEYS.includes(name)) {
    around.faults.add(node.key, path, { expected: 'a name that is no key of a channel', got: `"${name}"` });
  }
  if (node.kind !== 'map') {
    around.faults.add(node.start, path, { expected: 'the fields of a network', got: describe(node) });
    return { bridge: null, config: null };
  }
  const bridge = await bridgeOf(node, path, kinds, around);
  const isCore = (key: string) => CORE_KEYS.includes(key);
  const core = validate(
    networkSpec,
    pick(node, (key) => isCore(key) && key !== 'bridge'),
    path,
    around,
  );
  if (bridge === null) return { bridge, config: null };
  const spec = strict(bridge.config);
  const own = pick(node, (key) => !isCore(key));
  const settings: unknown = validate(spec, own, path, around, CORE_KEYS);
  if (core === undefined || settings === undefined) return { bridge, config: null };
  rememberSecrets(settings, own);
  const { maxAge, flood, prefer, ...rest } = core;
  return {
    bridge,
    config: {
      name,
      bridge: bridge.kind,
      settings,
      maxAgeMs: maxAge,
      flood: floodOf(flood),
      prefer: [prefer].flat(),
      ...rest,
    },
  };
}

async function bridgeOf(
  network: MapNode,
  path: Path,
  kinds: Kinds,
  around: Surroundings,
): Promise<BridgeSpec | null> {
  const node = network.entries.get('bridge');
  const value = node?.kind === 'scalar' ? node.value : null;
  const bridge = typeof value === 'string' ? await kinds.load(value) : null;
  if (bridge !== null || (node?.kind === 'scalar' && node.faulty)) return bridge;
  around.faults.add(node?.start ?? network.key, [...path, 'bridge'], {
    expected: `the kind of the network: ${oneOf(kinds.names)}`,
    got: node === undefined ? 'nothing' : describe(node),
    hint: typeof value === 'string' ? didYouMean(value, kinds.names) : '',
  });
  return null;
}

function floodOf(flood: FloodConfig | 'off' | false | undefined): FloodConfig | null {
  if (flood === undefined) return null;
  return typeof flood === 'object'
    ? flood
    : { burst: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY };
}
