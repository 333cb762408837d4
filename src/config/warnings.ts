/** What a config may say but probably does not mean. */
import type { ParleyConfig, RoomConfig } from './types.js';

export function warningsOf(config: ParleyConfig): readonly string[] {
  return [
    ...unusedNetworks(config),
    ...[...config.rooms.values()].flatMap(roomWarnings),
    ...unknownScopes(config),
    ...voterWarnings(config),
    ...unknownCanaries(config),
    ...unknownOwners(config),
    ...unknownBanned(config),
    ...broadcastWarnings(config),
  ];
}

function unusedNetworks({ networks, rooms }: ParleyConfig): readonly string[] {
  const used = new Set(
    [...rooms.values()].flatMap((room) => room.channels.map((channel) => channel.network)),
  );
  return [...networks.keys()]
    .filter((name) => !used.has(name))
    .map((name) => `networks.${name}: no room has a channel of it, so nothing is heard or said there.`);
}

/** `account@network` is nobody where there is no such network. */
function unknownOwners({ access, networks }: ParleyConfig): readonly string[] {
  return access.owners.flatMap((owner) => {
    const network = owner.includes('@') ? owner.slice(owner.lastIndexOf('@') + 1) : null;
    if (network === null || /^[^:]+:[^:]+:/.test(owner) || networks.has(network)) return [];
    return [`access.owners: "${owner}" is nobody, because there is no network "${network}".`];
  });
}

function unknownBanned({ bans: { onNetworks }, networks }: ParleyConfig): readonly string[] {
  if (typeof onNetworks === 'boolean') return [];
  return onNetworks
    .filter((name) => !networks.has(name))
    .map((name) => `bans.onNetworks: there is no network "${name}", so nobody is banned there.`);
}

function roomWarnings({ name, channels }: RoomConfig): readonly string[] {
  if (channels.length === 0) return [`rooms.${name}: it has no channels.`];
  const mute = channels.length > 1 && channels.every((channel) => channel.direction === 'in');
  const deaf = channels.length > 1 && channels.every((channel) => channel.direction === 'out');
  return [
    ...(mute ? [`rooms.${name}: every channel has direction "in", so nothing is said anywhere.`] : []),
    ...(deaf ? [`rooms.${name}: every channel has direction "out", so nothing is heard anywhere.`] : []),
    ...alikeChannels(name, channels),
  ];
}

/** Whether two spellings are one channel is the network's to say; on IRC they are. */
function alikeChannels(room: string, channels: RoomConfig['channels']): readonly string[] {
  const spellings = new Map<string, string>();
  return channels.flatMap(({ network, channel }) => {
    const folded = `${network} ${channel.toLowerCase()}`;
    const other = spellings.get(folded);
    spellings.set(folded, channel);
    if (other === undefined) return [];
    return [`rooms.${room}: "${other}" and "${channel}" on ${network} may be the same channel.`];
  });
}

function voterWarnings({ owners, node, backbone, history }: ParleyConfig): readonly string[] {
  const { voters } = owners;
  if (voters === null || voters.length === 1) return [];
  const name = node?.name ?? backbone?.name;
  return [
    ...(voters.length === 2 ? ['owners.voters: of two both must be up; three bear the loss of one.'] : []),
    ...(name === undefined || voters.includes(name)
      ? []
      : [`owners.voters: this gateway, "${name}", is not among them, so it owns no network.`]),
    ...(history.replicas === 1 && backbone !== null
      ? ['history.replicas: 1 is one copy of the log; with several gateways take 3.']
      : []),
  ];
}

function unknownCanaries({ canary, rooms }: ParleyConfig): readonly string[] {
  return (canary?.rooms ?? [])
    .filter((name) => !rooms.has(name))
    .map((name) => `canary.rooms: there is no room ${name}, so nothing is checked for it.`);
}

function unknownScopes({ http, rooms }: ParleyConfig): readonly string[] {
  return (http?.tokens ?? []).flatMap((token) =>
    token.scopes
      .filter((scope) => scope.includes(':') && !rooms.has(scope.slice(scope.indexOf(':') + 1)))
      .map((scope) => `http.tokens: the scope "${scope}" of ${token.name} names a room that does not exist.`),
  );
}

function broadcastWarnings({ broadcasts, rooms }: ParleyConfig): readonly string[] {
  const unknown = (names: readonly string[] | null) => (names ?? []).filter((name) => !rooms.has(name));
  return [
    ...broadcasts.lists.flatMap(({ name, hear, call }) => [
      ...unknown(hear).map((room) => `broadcasts.lists.${name}.hear: there is no room ${room}.`),
      ...unknown(call).map((room) => `broadcasts.lists.${name}.call: there is no room ${room}.`),
    ]),
    ...broadcasts.quiet.flatMap((quiet) =>
      unknown(quiet.rooms).map((room) => `broadcasts.quiet: there is no room ${room}.`),
    ),
  ];
}
