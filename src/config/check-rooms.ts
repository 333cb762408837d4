/** The `rooms` section. */

import { ChannelChecker } from './check-channels.js';
import { type CheckedNetwork, entriesOf } from './check-networks.js';
import { roomSpec } from './network-spec.js';
import type { Surroundings } from './prepare.js';
import { isEmpty, type Path, pick, type SourceNode } from './source-node.js';
import type { RoomChannel, RoomConfig } from './types.js';
import { validate } from './validate.js';
import { describe } from './wording.js';

export function checkRooms(
  section: SourceNode | undefined,
  networks: ReadonlyMap<string, CheckedNetwork>,
  around: Surroundings,
): ReadonlyMap<string, RoomConfig> {
  const rooms = new Map<string, RoomConfig>();
  const channels = new ChannelChecker(networks, around);
  for (const [name, node] of entriesOf(section, ['rooms'], 'room', around)) {
    const room = checkRoom(name, node, channels, around);
    if (room !== null) rooms.set(name, room);
  }
  return rooms;
}

function checkRoom(
  name: string,
  node: SourceNode,
  checker: ChannelChecker,
  around: Surroundings,
): RoomConfig | null {
  const path = ['rooms', name];
  if (node.kind !== 'map') {
    around.faults.add(node.start, path, { expected: 'a room with `channels`', got: describe(node) });
    return null;
  }
  const own = validate(
    roomSpec,
    pick(node, (key) => key !== 'channels'),
    path,
    around,
    ['channels'],
  );
  const channels = checkChannels(
    node.entries.get('channels'),
    node.key,
    [...path, 'channels'],
    checker,
    around,
  );
  return own === undefined || channels === null ? null : { name, channels, show: own.show };
}

function checkChannels(
  list: SourceNode | undefined,
  roomStart: number,
  path: Path,
  checker: ChannelChecker,
  around: Surroundings,
): readonly RoomChannel[] | null {
  if (list !== undefined && isEmpty(list)) return [];
  if (list?.kind !== 'list') {
    const got = list === undefined ? 'nothing' : describe(list);
    const hint = 'Each starts with "- ": `- quakenet: "#quakeworld"`.';
    around.faults.add(list?.start ?? roomStart, path, { expected: 'a list of channels', got, hint });
    return null;
  }
  const found = list.items.map((item, index) => checker.check(item, [...path, index]));
  checker.refuseTwice(list.items, found, path);
  return found.filter((channel) => channel !== null);
}
