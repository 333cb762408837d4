/** Looks back into the log of the rooms that the caller can read anyway. */
import type { Bus, LoggedEvent } from '../../src/bus/index.js';
import { type ParleyEvent, parseSource, plainText } from '../../src/message/index.js';
import type { Answer, Call } from '../call.js';
import { type Access, type Command, CommandError } from '../command.js';
import { ago } from '../duration.js';
import type { GatewayPorts } from '../ports.js';
import { info } from './info.js';
import { roomsFor } from './rooms-for.js';

interface Parts {
  readonly bus: Pick<Bus, 'read'>;
  readonly access: Access;
  readonly gateway: GatewayPorts;
}

/** Newest events of each room that are looked through. */
const DEPTH = 5000;
const PAGE = 1000;
const MOST_LINES = 20;
const SPOKEN: ReadonlySet<string> = new Set(['chat.message', 'chat.action', 'chat.notice', 'portal.post']);

export function historyCommands(parts: Parts): readonly Command[] {
  return [
    {
      info: info({
        name: 'seen',
        usage: '<nick>',
        help: 'Tells when somebody last said or did something in these rooms.',
        examples: ['seen zappater'],
        cooldownMs: 2000,
      }),
      run: (call) => seen(parts, call),
    },
    {
      info: info({
        name: 'last',
        usage: '[number] [--room <room>]',
        help: 'Shows the last lines of the room to you alone.',
        examples: ['last 10', 'last --room quakeworld'],
        cooldownMs: 5000,
      }),
      run: (call) => last(parts, call),
    },
    {
      info: info({
        name: 'search',
        usage: '<words…> [--room <room>]',
        help: 'Shows to you alone the newest lines that have all these words.',
        examples: ['search 4on4 finals'],
        cooldownMs: 5000,
      }),
      run: (call) => search(parts, call),
    },
  ];
}

async function seen(parts: Parts, { args: [nick], caller }: Call): Promise<Answer> {
  if (nick === undefined) throw new CommandError('Whom do you look for? Write: seen <nick>');
  const wanted = nick.toLowerCase();
  const found = await newest(parts, roomsFor(parts, caller, undefined), 1, ({ event }) => {
    const { author, target } = event.data;
    return (
      author.name.toLowerCase() === wanted ||
      (event.type === 'member.nick' && target?.toLowerCase() === wanted)
    );
  });
  const [one] = found;
  if (one === undefined) return { lines: [`I have not seen ${nick} in the last ${DEPTH} events.`] };
  return { lines: [sighting(nick, one.event)] };
}

function sighting(nick: string, event: ParleyEvent): string {
  const when = `${ago(event.time)} ago in ${event.subject}${placeOf(event)}`;
  if (SPOKEN.has(event.type)) return `${nick} was here ${when}, saying: ${textOf(event)}`;
  const did = DEEDS[event.type] ?? event.type;
  return `${nick} was here ${when} (${did}).`;
}

const DEEDS: Readonly<Record<string, string>> = {
  'member.join': 'came in',
  'member.leave': 'left',
  'member.nick': 'changed nick',
  'member.kick': 'kicked somebody',
  'room.topic': 'set the topic',
};

async function last(parts: Parts, { args: [count], flags, caller }: Call): Promise<Answer> {
  const wanted = count === undefined ? 5 : Number(count);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_LINES)
    throw new CommandError(`Write a number from 1 to ${MOST_LINES}.`);
  const found = await newest(parts, roomsFor(parts, caller, flags.room), wanted, spoken);
  return listed(found, 'Nothing was said there yet.');
}

async function search(parts: Parts, { args, flags, caller }: Call): Promise<Answer> {
  const words = args.map((word) => word.toLowerCase());
  if (words.length === 0) throw new CommandError('What do you look for? Write: search <words>');
  const found = await newest(parts, roomsFor(parts, caller, flags.room), MOST_LINES, (logged) => {
    if (!spoken(logged)) return false;
    const { event } = logged;
    const text = `${event.data.author.name} ${textOf(event)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return listed(found, `No line among the last ${DEPTH} events has that.`);
}

function listed(found: readonly LoggedEvent[], otherwise: string): Answer {
  if (found.length === 0) return { lines: [otherwise], private: true };
  return {
    lines: found.map(({ event }) => `${ago(event.time)} ago ${event.data.author.name}: ${textOf(event)}`),
    private: true,
  };
}

/** What matches among the newest events of the rooms, oldest first, at most `limit`. */
async function newest(
  parts: Parts,
  rooms: readonly string[],
  limit: number,
  matches: (logged: LoggedEvent) => boolean,
): Promise<readonly LoggedEvent[]> {
  const found = await Promise.all(rooms.map((room) => newestOf(parts.bus, room, limit, matches)));
  // A line said in a channel of two rooms is one line.
  const once = new Map(found.flat().map((logged) => [logged.event.origin ?? logged.event.id, logged]));
  return [...once.values()].sort((a, b) => a.sequence - b.sequence).slice(-limit);
}

async function newestOf(
  bus: Parts['bus'],
  room: string,
  limit: number,
  matches: (logged: LoggedEvent) => boolean,
): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  let before: number | undefined;
  for (let looked = 0; looked < DEPTH && found.length < limit; looked += PAGE) {
    const page = await bus.read(room, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    found.unshift(...page.filter((logged) => isShown(logged) && matches(logged)));
    before = page[0]?.sequence;
    if (before === undefined || page.length < PAGE) break;
  }
  return found.slice(-limit);
}

/** Not what was asked and answered, nor what machines say. */
function isShown({ event }: LoggedEvent): boolean {
  return SPOKEN.has(event.type) || event.type.startsWith('member.') || event.type === 'room.topic';
}

function textOf({ data }: ParleyEvent): string {
  return plainText(data.text, data.markup).replaceAll(/\s+/g, ' ').trim();
}

function placeOf(event: ParleyEvent): string {
  const source = parseSource(event.source);
  return source?.kind === 'network' ? ` (${source.channel} on ${source.network})` : '';
}

function spoken({ event }: LoggedEvent): boolean {
  return SPOKEN.has(event.type);
}
