/** What operators have done to networks: by the gateway that owns them, wherever it was said. */
import { ParleyError } from '../../src/errors.js';
import { minuteOf, parseLength } from '../bans/index.js';
import type { Answer, Call } from '../call.js';
import { type Command, CommandError, type Scope } from '../command.js';
import type { GatewayPorts } from '../ports.js';
import { type DoneParts, done, named, sentenceOf } from './done.js';
import { info } from './info.js';

interface Parts extends DoneParts {
  readonly gateway: Pick<GatewayPorts, 'operate' | 'rooms'>;
}

const MUTING = 'mute-network';
const LINE_CHARS = 350;

export function networkCommands(parts: Parts): readonly Command[] {
  return [
    {
      info: info({
        name: 'join',
        usage: '<network> <channel> [room]',
        help: 'Joins a channel and makes it part of a room, of the one that this is said in unless named.',
        permission: 'join',
        examples: ['join libera #quakeworld quakeworld'],
      }),
      run: (call) => join(parts, call),
    },
    {
      info: info({
        name: 'leave',
        usage: '<network> <channel>',
        help: 'Leaves a channel that was joined by command.',
        permission: 'leave',
        examples: ['leave libera #quakeworld'],
      }),
      run: (call) => leave(parts, call),
    },
    {
      info: info({
        name: 'names',
        usage: '<network> <channel>',
        help: 'Shows to you alone who is in a channel now, as the network tells.',
        permission: 'names',
        examples: ['names libera #quakeworld'],
      }),
      run: (call) => names(parts, call),
    },
    {
      info: info({
        name: 'drain',
        usage: '<network>',
        help: 'Says what waits, then hands the network to another gateway; without one it is closed until "reconnect".',
        permission: 'drain',
      }),
      run: (call) => drain(parts, call),
    },
    {
      info: info({
        name: MUTING,
        usage: '<network> [channel] [--for <duration>] [reason…]',
        help: 'Relays nothing from a network, or from one of its channels, until it is lifted. Commands said there are not heard either.',
        permission: MUTING,
        examples: ['mute-network libera', 'mute-network libera #quakeworld --for 2h flooded by bots'],
      }),
      run: (call) => mute(parts, call),
    },
    {
      info: info({
        name: 'unmute-network',
        usage: '<network> [channel]',
        help: 'Relays from a network, or from one of its channels, again.',
        permission: MUTING,
      }),
      run: (call) => unmute(parts, call),
    },
  ];
}

interface Joined {
  readonly channel: string;
  readonly room: string;
  readonly reason: string | null;
}

function join(parts: Parts, call: Call): Promise<Answer> {
  const { network, channel, word } = placeOf(call);
  const room = word ?? onlyRoom(call);
  const act = async () => {
    const joined = await operate<Joined>(parts, call, network, 'join', { channel, room });
    const { reason } = joined;
    return reason === null
      ? [`${channel} on ${network} is part of ${room} now.`]
      : [`${channel} on ${network} is part of ${room} now, but I am not in it yet: ${reason}.`];
  };
  return done(parts, call, {
    target: `${network} ${channel}`,
    scope: { network, room },
    detail: { room },
    act,
  });
}

function onlyRoom({ caller: { rooms } }: Call): string {
  const [room, ...more] = rooms;
  if (room !== undefined && more.length === 0) return room;
  throw new CommandError('Part of which room? Write: join <network> <channel> <room>. "rooms" lists them.');
}

function leave(parts: Parts, call: Call): Promise<Answer> {
  const { network, channel } = placeOf(call);
  const act = async () => {
    const { room } = await operate<Joined>(parts, call, network, 'leave', { channel });
    return [`${channel} on ${network} is no longer part of ${room}.`];
  };
  return done(parts, call, { target: `${network} ${channel}`, scope: scopeOf(parts, network, channel), act });
}

interface Names {
  readonly members: readonly { readonly name: string; readonly rank: string | null }[];
}

/** To the caller alone: a list of nicks in a channel would call all of them. */
async function names(parts: Parts, call: Call): Promise<Answer> {
  const { network, channel } = placeOf(call);
  const refusal = parts.access.refusal(call.caller, 'names', scopeOf(parts, network, channel));
  if (refusal !== null) throw new CommandError(refusal);
  try {
    const { members } = await operate<Names>(parts, call, network, 'names', { channel });
    const shown = members.map(({ name, rank }) => `${signOf(rank)}${name}`).sort();
    return { lines: wrapped(`${channel} on ${network} (${shown.length}): `, shown), private: true };
  } catch (error) {
    throw error instanceof ParleyError ? sentenceOf(error) : error;
  }
}

function signOf(rank: string | null): string {
  return rank === 'operator' ? '@' : rank === 'voice' ? '+' : '';
}

function wrapped(head: string, words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE_CHARS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(head + word);
  }
  return lines.length === 0 ? [`${head}nobody`] : lines;
}

function drain(parts: Parts, call: Call): Promise<Answer> {
  const network = named(call.args[0], 'network');
  const act = async () => {
    const { to, left } = await operate<{ to: string | null; left: number }>(
      parts,
      call,
      network,
      'drain',
      {},
    );
    const where = to === null ? 'is closed until "reconnect"' : `is at ${to} now`;
    return [`${network} ${where}${left === 0 ? '' : `; ${left} messages wait in the log`}.`];
  };
  return done(parts, call, { target: network, scope: { network, room: null }, act });
}

function mute(parts: Parts, call: Call): Promise<Answer> {
  const { network, channel, reason } = mutedPlace(call);
  const { for: length } = call.flags;
  const forMs = length === undefined ? null : parseLength(String(length));
  const body = {
    ...(channel === null ? {} : { channel }),
    ...(forMs === null ? {} : { for: `${forMs}ms` }),
    ...(reason === '' ? {} : { reason: reason.slice(0, 300) }),
  };
  const act = async () => {
    const { until } = await operate<{ until: string | null }>(parts, call, network, 'mute', body);
    const end = until === null ? 'until somebody says "unmute-network"' : `until ${minuteOf(until)}`;
    return [`Nothing of ${placeWords(network, channel)} is relayed ${end}.`];
  };
  return done(parts, call, {
    target: channel === null ? network : `${network} ${channel}`,
    scope: { network, room: null, command: call.command },
    permission: MUTING,
    detail: body,
    act,
  });
}

function unmute(parts: Parts, call: Call): Promise<Answer> {
  const network = named(call.args[0], 'network');
  const channel = call.args[1] ?? null;
  const act = async () => {
    await operate(parts, call, network, 'unmute', channel === null ? {} : { channel });
    return [`${placeWords(network, channel)} is relayed again.`];
  };
  return done(parts, call, {
    target: channel === null ? network : `${network} ${channel}`,
    scope: { network, room: null, command: call.command },
    permission: MUTING,
    act,
  });
}

/** The second word is a channel when the network has one of that name; else it begins the reason. */
function mutedPlace({ args: [word, ...more] }: Call) {
  const network = named(word, 'network');
  const [channel] = more;
  const isChannel = channel !== undefined && /^[#&+!]/.test(channel);
  return {
    network,
    channel: isChannel ? channel : null,
    reason: (isChannel ? more.slice(1) : more).join(' '),
  };
}

function placeWords(network: string, channel: string | null): string {
  return channel === null ? network : `${channel} on ${network}`;
}

function placeOf({ args: [network, channel, word] }: Call) {
  return { network: named(network, 'network'), channel: named(channel, 'channel'), word };
}

/** In the room that the channel is in, if it is in one alone. */
function scopeOf({ gateway }: Parts, network: string, channel: string): Scope {
  const rooms = gateway
    .rooms()
    .filter(({ channels }) => channels.some((each) => each.network === network && each.channel === channel));
  return { network, room: rooms.length === 1 ? (rooms[0]?.name ?? null) : null };
}

async function operate<Result>(
  { gateway }: Parts,
  { caller }: Call,
  network: string,
  verb: Parameters<GatewayPorts['operate']>[0]['verb'],
  body: object,
): Promise<Result> {
  return (await gateway.operate({ network, verb, body, by: caller.name })) as Result;
}
