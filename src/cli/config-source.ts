import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Loaded } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { CommonOptions } from './command.js';
import type { CliContext } from './context.js';

const PLACES = ['parley.yaml', 'config/parley.yaml'] as const;

/** The config to use, as `--config`, `$PARLEY_CONFIG` or the usual places name it: a path or a URL. */
export function configSource(context: CliContext, options: CommonOptions): string {
  const named = options.config ?? context.env.PARLEY_CONFIG;
  if (named !== undefined && named !== '') return named;
  const found = PLACES.find((place) => existsSync(resolve(context.cwd, place)));
  if (found !== undefined) return found;
  throw new ParleyError('CONFIG_UNREADABLE', `There is no ${PLACES.join(' or ')} in ${context.cwd}.`, {
    fix: 'Write one with `parley init`, or name one with `--config <file>`.',
  });
}

/**
 * Throws ConfigError (CONFIG_INVALID) with every fault, or CONFIG_UNREADABLE. With `text` nothing is read: it is what
 * the running gateway has loaded from that source.
 */
export async function loadFrom(
  { env, cwd }: CliContext,
  source: string,
  more: { readonly text?: string; readonly previous?: Loaded } = {},
): Promise<Loaded> {
  const [{ loadConfig }, { BRIDGES }] = await Promise.all([
    import('../config/index.js'),
    import('../../bridges/index.js'),
  ]);
  const bridges = async (kind: string) => (await BRIDGES[kind]?.())?.default ?? null;
  return loadConfig({ source, ...more, env, cwd, bridges, kinds: Object.keys(BRIDGES) });
}

/** Commands find this config without being told. */
export function isUsualPlace(context: CliContext, source: string): boolean {
  return PLACES.find((place) => existsSync(resolve(context.cwd, place))) === source;
}
