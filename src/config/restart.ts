/** Which parts of the config a running gateway takes over, and which wait for its restart. */
import type { ParleyConfig } from './types.js';

/** Networks and rooms apply at once; what has a place here may not. */
export type Part = Exclude<keyof ParleyConfig, 'networks' | 'rooms'>;

/**
 * What of each part was settled at the start: `all` of it, or some keys. Whether such a part is there at all was
 * settled then too.
 */
type Settled<P extends Part> = 'all' | readonly (keyof NonNullable<ParleyConfig[P]> & string)[];

const SETTLED: { readonly [P in Part]: Settled<P> } = {
  node: 'all',
  backbone: 'all',
  prefix: 'all',
  history: 'all',
  spool: 'all',
  owners: 'all',
  access: [],
  bans: [],
  http: ['listen'],
  log: 'all',
  commands: [],
  canary: 'all',
  broadcasts: [],
  remote: [],
  demo: 'all',
};

export const PARTS = Object.keys(SETTLED) as readonly Part[];

/** Whether a change of these keys waits for a restart; null: of all there is, as the part comes or goes. */
export function needsRestart(part: Part, keys: readonly string[] | null): boolean {
  const settled: readonly string[] | 'all' = SETTLED[part];
  return settled === 'all' || keys === null || keys.some((key) => settled.includes(key));
}

/** The config that a gateway runs with: started with one, it took over of a later one all that needs no restart. */
export function runningConfig(started: ParleyConfig, loaded: ParleyConfig): ParleyConfig {
  const parts = PARTS.map((part) => [part, runningPart(SETTLED[part], started[part], loaded[part])] as const);
  return { ...loaded, ...(Object.fromEntries(parts) as Pick<ParleyConfig, Part>) };
}

function runningPart(settled: readonly string[] | 'all', started: unknown, loaded: unknown): unknown {
  if (Array.isArray(loaded)) return settled === 'all' ? started : loaded;
  if (settled === 'all' || !isRecord(started) || !isRecord(loaded)) return started;
  return { ...loaded, ...Object.fromEntries(settled.map((key) => [key, started[key]])) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
