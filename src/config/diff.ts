/** What a new config changes. Says which keys changed, and their values unless those are secret. */
import { needsRestart, PARTS, type Part } from './restart.js';
import { same } from './same.js';
import { isSecret } from './secrets.js';
import type { NetworkConfig, ParleyConfig, RoomChannel, RoomConfig } from './types.js';
import { withoutCredentials } from './wording.js';

export interface ConfigDiff {
  readonly networks: SectionDiff<ChangedNetwork>;
  readonly rooms: SectionDiff<ChangedRoom>;
  /** Parts outside networks and rooms. */
  readonly other: readonly ChangedPart[];
  /** Names of the parts in `other` that only a restart applies. */
  readonly restart: readonly string[];
  /** Nothing changed at all. */
  readonly empty: boolean;
}

export interface SectionDiff<Changed> {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly Changed[];
}

export interface ChangedNetwork {
  readonly name: string;
  readonly changes: readonly Change[];
  /** Its connection must be made anew; else the change applies to the living one. */
  readonly reconnect: boolean;
}

export interface ChangedRoom {
  readonly name: string;
  /** Channels as `quakenet #quakeworld`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly channel: string; readonly changes: readonly Change[] }[];
  /** Keys of the room itself. */
  readonly changes: readonly Change[];
}

export interface ChangedPart {
  readonly part: string;
  readonly changes: readonly Change[];
  readonly restart: boolean;
}

/** Values are JSON texts; null for an absent one, and for both when the value is secret. */
export interface Change {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly secret: boolean;
}

const SECRET_KEYS: ReadonlySet<string> = new Set(['password', 'token', 'tokens']);
const NO_SECRETS = () => false;

export function diffConfig(before: ParleyConfig, after: ParleyConfig): ConfigDiff {
  const networks = diffSection(before.networks, after.networks, diffNetwork);
  const rooms = diffSection(before.rooms, after.rooms, diffRoom);
  const other = PARTS.flatMap((part) => diffPart(part, before, after));
  const restart = other.filter((each) => each.restart).map((each) => each.part);
  const sections: readonly (readonly unknown[])[] = [other, ...[networks, rooms].flatMap(listsOf)];
  return { networks, rooms, other, restart, empty: sections.every((list) => list.length === 0) };
}

function listsOf(section: SectionDiff<unknown>): readonly (readonly unknown[])[] {
  return [section.added, section.removed, section.changed];
}

function diffSection<Item, Changed>(
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  diffItem: (was: Item, is: Item) => Changed,
): SectionDiff<Changed> {
  const changed: Changed[] = [];
  for (const [name, is] of after) {
    const was = before.get(name);
    if (was !== undefined && !same(was, is)) changed.push(diffItem(was, is));
  }
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed,
  };
}

function diffNetwork(was: NetworkConfig, is: NetworkConfig): ChangedNetwork {
  const { settings: before, ...coreBefore } = was;
  const { settings: after, ...coreAfter } = is;
  const secret = (key: string) => isSecret(before, key) || isSecret(after, key);
  const own = diffKeys(before, after, secret);
  const core = diffKeys(coreBefore, coreAfter, NO_SECRETS);
  const reconnect = was.bridge !== is.bridge || !same(before, after);
  return { name: is.name, changes: [...core, ...own], reconnect };
}

function diffRoom(was: RoomConfig, is: RoomConfig): ChangedRoom {
  const before = new Map(was.channels.map((channel) => [labelOf(channel), channel]));
  const after = new Map(is.channels.map((channel) => [labelOf(channel), channel]));
  const { added, removed, changed } = diffSection(before, after, diffChannel);
  return {
    name: is.name,
    added,
    removed,
    changed,
    changes: diffKeys({ show: was.show }, { show: is.show }, NO_SECRETS),
  };
}

function diffChannel(was: RoomChannel, is: RoomChannel): ChangedRoom['changed'][number] {
  const { options: before, ...coreBefore } = was;
  const { options: after, ...coreAfter } = is;
  const secret = (key: string) => isSecret(before, key) || isSecret(after, key);
  const changes = [...diffKeys(coreBefore, coreAfter, NO_SECRETS), ...diffKeys(before, after, secret)];
  return { channel: labelOf(is), changes };
}

function labelOf({ network, channel }: RoomChannel): string {
  return `${network} ${channel}`;
}

function diffPart(part: Part, before: ParleyConfig, after: ParleyConfig): readonly ChangedPart[] {
  if (same(before[part], after[part])) return [];
  const [was, is] = [before[part], after[part]].map((value) =>
    typeof value === 'object' ? value : { value },
  );
  if (!was || !is) {
    return [{ part, changes: [toggled(part, is !== null)], restart: needsRestart(part, null) }];
  }
  const changes = diffKeys(was, is, (key) => SECRET_KEYS.has(key));
  const keys = changes.map(({ key }) => key);
  return [{ part, changes, restart: needsRestart(part, keys) }];
}

function toggled(part: string, on: boolean): Change {
  return { key: part, before: on ? 'off' : 'on', after: on ? 'on' : 'off', secret: false };
}

function diffKeys(before: unknown, after: unknown, secret: (key: string) => boolean): readonly Change[] {
  const [was, is] = [asRecord(before), asRecord(after)];
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...keys]
    .filter((key) => !same(was[key], is[key]))
    .map((key) =>
      secret(key)
        ? { key, before: null, after: null, secret: true }
        : { key, before: shown(was[key]), after: shown(is[key]), secret: false },
    );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { value };
}

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  return JSON.stringify(value, (_, each: unknown) => {
    if (each === Number.POSITIVE_INFINITY) return 'no limit';
    return typeof each === 'string' ? withoutCredentials(each) : each;
  });
}
