/**
 * A reload that reads only the rooms that changed.
 *
 * Problem: the YAML parser takes some 300 ms for a thousand rooms, and most reloads change one of them.
 * Idea: compare the new text with the loaded one line by line. When all that differs lies between whole rooms, only
 * those lines are read and checked; the other rooms and everything else are those of the loaded config.
 * Why it is safe: the rooms that the lines show must be exactly those that the parser found in the loaded text, so
 * the cuts fall between rooms; the lines in between are read by the same parser and checks, and must be whole on
 * their own. Anything unusual (aliases, tags, `file:` secrets, any fault) is left to the full way: null.
 * What it cannot do: notice that an environment variable or a certificate behind an unchanged line is another now.
 */
import { LineCounter } from 'yaml';
import type { Kinds } from './check-networks.js';
import { checkRooms } from './check-rooms.js';
import { Faults } from './fault.js';
import { changedWindow, findRooms } from './rooms-section.js';
import type { ParleyConfig, RoomConfig } from './types.js';
import { type Environment, resolveVariables } from './variables.js';
import { readTree } from './yaml-tree.js';

/** A config that was loaded from a text. */
export interface Known {
  readonly config: ParleyConfig;
  readonly text: string;
}

export interface ReadContext {
  readonly directory: string;
  readonly env: Environment;
  readonly kinds: Kinds;
}

/** Anchors, aliases, merge keys and tags join distant places of a file; secrets in files change on their own. */
const UNUSUAL = /(?:^|[\s[{,:-])[&*!][^\s]|<<|file:/m;

/** The config of `text`, or null when it takes a full load to know. */
export async function quickReload(
  known: Known,
  text: string,
  context: ReadContext,
): Promise<ParleyConfig | null> {
  if (text === known.text) return UNUSUAL.test(text) ? null : known.config;
  if (UNUSUAL.test(text) || UNUSUAL.test(known.text)) return null;
  const [before, after] = [known.text.split('\n'), text.split('\n')];
  const [was, is] = [findRooms(before), findRooms(after)];
  if (was === null || is === null) return null;
  const names = [...known.config.rooms.keys()];
  const isAsLoaded =
    was.rooms.length === names.length && was.rooms.every(({ name }, index) => name === names[index]);
  const window = isAsLoaded ? changedWindow(before, after, was, is) : null;
  if (window === null) return null;
  const rooms = await readRooms(after.slice(window.start, window.newEnd), known.config, context);
  if (rooms === null) return null;
  const loaded = [...known.config.rooms];
  const above = loaded.filter((_, index) => (was.rooms[index]?.line ?? 0) < window.start);
  const below = loaded.filter((_, index) => (was.rooms[index]?.line ?? 0) >= window.oldEnd);
  // The same name twice is a fault, which the full way reports.
  if ([...above, ...below].some(([name]) => rooms.has(name))) return null;
  return { ...known.config, rooms: new Map([...above, ...rooms, ...below]) };
}

/** The rooms of these lines, or null when they have faults. */
async function readRooms(
  lines: readonly string[],
  config: ParleyConfig,
  { directory, env, kinds }: ReadContext,
): Promise<ReadonlyMap<string, RoomConfig> | null> {
  const counter = new LineCounter();
  const faults = new Faults('', counter);
  const root = readTree(`rooms:\n${lines.join('\n')}\n`, counter, faults);
  if (root?.kind !== 'map' || root.entries.size !== 1) return null;
  resolveVariables(root, env, faults);
  const networks = await Promise.all(
    [...config.networks].map(async ([name, network]) => {
      return [name, { bridge: await kinds.load(network.bridge), config: network }] as const;
    }),
  );
  const rooms = checkRooms(root.entries.get('rooms'), new Map(networks), { directory, faults });
  return faults.any ? null : rooms;
}
