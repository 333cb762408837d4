/** Configs as texts, loaded from files in a directory of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { ConfigError, type Fault, formatFault, type Loaded, loadConfig } from '../../src/config/index.js';
import { fakeBridges, kinds } from './bridges.js';

export interface Files {
  readonly directory: string;
  write(name: string, text: string): Promise<string>;
}

/** A directory that is removed after the test. */
export async function files(t: ExecutionContext): Promise<Files> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  };
  return { directory, write };
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function load(source: string, cwd: string, env: Environment = {}, previous?: Loaded): Promise<Loaded> {
  const given = previous === undefined ? {} : { previous };
  return loadConfig({ source, cwd, env, bridges: fakeBridges, kinds, ...given });
}

/** Loads `text` as `parley.yaml`. */
export async function loadText(t: ExecutionContext, text: string, env: Environment = {}): Promise<Loaded> {
  const { directory, write } = await files(t);
  await write('parley.yaml', text);
  return load('parley.yaml', directory, env);
}

/** The faults of a text that must have some. */
export async function faultsOf(
  t: ExecutionContext,
  text: string,
  env: Environment = {},
): Promise<readonly Fault[]> {
  const error = await t.throwsAsync(loadText(t, text, env), { instanceOf: ConfigError });
  return error.faults;
}

/** The same as lines. */
export async function faultLines(
  t: ExecutionContext,
  text: string,
  env: Environment = {},
): Promise<readonly string[]> {
  return (await faultsOf(t, text, env)).map(formatFault);
}

/** Two networks to hang rooms on. */
export const NETWORKS = `networks:
  quakenet: { bridge: irc, host: irc.quakenet.org, nick: parley }
  undernet: { bridge: irc, host: irc.undernet.org, nick: parley }
`;
