import { LineCounter } from 'yaml';
import type { BridgeSpec } from './bridge-spec.js';
import { checkFile } from './check-file.js';
import type { Kinds } from './check-networks.js';
import { Faults } from './fault.js';
import { deepFreeze } from './freeze.js';
import { quickReload } from './quick-reload.js';
import { readSource, type Source } from './source.js';
import type { ParleyConfig } from './types.js';
import { type Environment, resolveVariables } from './variables.js';
import { warningsOf } from './warnings.js';
import { readTree } from './yaml-tree.js';

export interface LoadOptions {
  /** A path, or an http(s) URL. */
  readonly source: string;
  /** Checked in place of what `source` holds now: the text that a gateway has loaded from there. */
  readonly text?: string;
  /** Where `${NAME}` is looked up. */
  readonly env: Environment;
  /** The bridge of a kind, or null when there is none. Asked once for each kind in use. */
  readonly bridges: (kind: string) => Promise<BridgeSpec | null>;
  /** The kinds that exist. */
  readonly kinds: readonly string[];
  /** What `source`, `node.store` and `spool.path` are relative to. */
  readonly cwd: string;
  /** What was loaded from this source before, in this process: a change of a few rooms is then read quickly. */
  readonly previous?: Loaded;
}

export interface Loaded {
  /** Deep-frozen. */
  readonly config: ParleyConfig;
  /** The file as it was read: `${NAME}` and `file:` unresolved. May hold secrets that were written into it. */
  readonly text: string;
  /** What is allowed but probably not meant; one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks a config. Throws ConfigError with every fault of the file, or ParleyError CONFIG_UNREADABLE when
 * it cannot be read at all.
 */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const source = await readSource(options.source, options.cwd, options.text);
  const { directory, text } = source;
  const { env, previous } = options;
  const kinds = { names: options.kinds, load: onceEach(options.bridges) };
  const quick = previous && (await quickReload(previous, text, { directory, env, kinds }));
  const config = quick ?? (await readAll(source, kinds, options));
  return { config: deepFreeze(config), text, warnings: warningsOf(config) };
}

async function readAll(source: Source, kinds: Kinds, { env, cwd }: LoadOptions): Promise<ParleyConfig> {
  const lines = new LineCounter();
  const faults = new Faults(source.name, lines);
  const root = readTree(source.text, lines, faults);
  if (root !== null) resolveVariables(root, env, faults);
  const around = { directory: source.directory, faults };
  const config = root === null ? null : await checkFile(root, kinds, cwd, around);
  faults.raise();
  if (config === null) throw new Error('a config without faults has no result');
  return config;
}

function onceEach(load: LoadOptions['bridges']): LoadOptions['bridges'] {
  const loading = new Map<string, Promise<BridgeSpec | null>>();
  return (kind) => {
    const bridge = loading.get(kind) ?? load(kind);
    loading.set(kind, bridge);
    return bridge;
  };
}
