import type { RoomMember } from '../../src/roster/index.js';
import type { Answer, Call } from '../call.js';
import type { Access, Command } from '../command.js';
import type { GatewayPorts } from '../ports.js';
import { info } from './info.js';
import { roomsFor } from './rooms-for.js';

interface Parts {
  readonly access: Access;
  readonly gateway: GatewayPorts;
}

const LINE_CHARS = 350;

export function whoCommands(parts: Parts): readonly Command[] {
  return [
    {
      info: info({
        name: 'who',
        usage: '[--room <room>]',
        help: 'Shows to you alone who is in the channels of the room, over all networks.',
        examples: ['who', 'who --room quakeworld'],
        cooldownMs: 5000,
      }),
      run: (call) => who(parts, call),
    },
  ];
}

/** To the caller alone: a list of nicks in a channel would call all of them. */
function who(parts: Parts, { caller, args: [word], flags }: Call): Answer {
  const rooms = roomsFor(parts, caller, flags.room ?? word);
  return { lines: rooms.flatMap((room) => linesOf(room, parts.gateway.members(room))), private: true };
}

function linesOf(room: string, members: readonly RoomMember[]): readonly string[] {
  const people = members.filter(({ bot }) => !bot);
  if (people.length === 0) return [`${room}: nobody is known to be there.`];
  const places = grouped(people);
  return [...places].flatMap(([place, there]) =>
    wrapped(`${room}, ${place} (${there.length}): `, there.map(nameOf)),
  );
}

function grouped(people: readonly RoomMember[]): ReadonlyMap<string, readonly RoomMember[]> {
  const places = new Map<string, RoomMember[]>();
  for (const member of people) {
    const place = `${member.channel} on ${member.network}`;
    places.set(place, [...(places.get(place) ?? []), member]);
  }
  return places;
}

function nameOf({ name, rank }: RoomMember): string {
  const sign = rank === 'operator' ? '@' : rank === 'voice' ? '+' : '';
  return sign + name;
}

/** Lines that begin with the same words, as long as they may be. */
function wrapped(head: string, names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line !== '' && line.length + name.length + 2 > LINE_CHARS) {
      lines.push(head + line);
      line = '';
    }
    line += line === '' ? name : `, ${name}`;
  }
  return [...lines, head + line];
}
