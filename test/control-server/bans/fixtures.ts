/** A gateway's bans with a real backbone and a community made up for the test. */
import type { ExecutionContext } from 'ava';
import { type Bans, type BansOptions, openBans } from '../../../control-server/bans/index.js';
import type { Answer, Call, Caller } from '../../../control-server/call.js';
import type { Access, Act, Role } from '../../../control-server/command.js';
import type { BusAddress } from '../../../src/bus/index.js';
import type { Origin } from '../../../src/gate.js';
import { silentLogger } from '../../../src/log.js';
import { newId, type ParleyEvent } from '../../../src/message/index.js';
import { makeEvent, openBus } from '../../bus/fixtures.js';

export const ROLES: Readonly<Record<string, Role>> = {
  'irc:quakenet:account:owen': 'owner',
  'irc:quakenet:account:opal': 'operator',
  'irc:quakenet:account:mod': 'moderator',
};

/** Moderators may in `quakeworld`, operators everywhere; bob is one person on IRC and MQTT. */
export function fakeAccess(): Access {
  const roleOf = (author: string): Role => ROLES[author] ?? 'user';
  return {
    roleOf,
    mayAnywhere: ({ author, verified }) => verified && roleOf(author) !== 'user',
    identityOf: (author) =>
      author === 'irc:quakenet:account:bob' || author === 'mqtt:app:client:bob' ? 'id-bob' : null,
    refusal: ({ author, verified }, permission, { room }) => {
      const role = verified ? roleOf(author) : 'user';
      if (role === 'owner' || role === 'operator') return null;
      if (role === 'moderator' && room === 'quakeworld') return null;
      return `You may not ${permission} there. Ask an operator.`;
    },
  };
}

export interface Gateway {
  readonly bans: Bans;
  readonly acts: readonly Act[];
  /** Runs a command as it would be typed, words separated by single spaces. */
  run(line: string, caller?: Partial<Caller>): Promise<Answer>;
  /** Why a line of that author would not enter the room. */
  refusal(author: string, changes?: Partial<Said>): string | null;
}

export interface Said {
  readonly name: string;
  readonly room: string;
  readonly text: string;
  readonly type: string;
  readonly verified: boolean;
  readonly network: string | null;
  readonly mask: string | null;
  readonly rank: Origin['rank'];
}

export async function openGateway(
  t: ExecutionContext,
  address: BusAddress,
  changes: Partial<BansOptions> = {},
): Promise<Gateway> {
  const bus = await openBus(t, address);
  return gatewayOn(t, { bus, ...changes });
}

export async function gatewayOn(
  t: ExecutionContext,
  given: Pick<BansOptions, 'bus'> & Partial<BansOptions>,
): Promise<Gateway> {
  const acts: Act[] = [];
  const bans = await openBans({
    log: silentLogger,
    audit: async (act) => void acts.push(act),
    access: fakeAccess(),
    places: { networks: () => ['quakenet', 'discord'], rooms: () => ['quakeworld', 'dev'] },
    networks: null,
    config: () => ({ onNetworks: false, mostPercent: 10 }),
    ...given,
  });
  t.teardown(() => bans.stop());
  return {
    bans,
    acts,
    run: (line, caller) => runLine(bans, line, caller),
    refusal: (author, said) => bans.refuses(...heard(author, said)),
  };
}

function heard(author: string, said: Partial<Said> = {}): [ParleyEvent, Origin] {
  const {
    name = author.split(':').at(-1) ?? '',
    room = 'quakeworld',
    text = 'hello',
    type = 'chat.message',
  } = said;
  const event = makeEvent(room, text);
  const { network = 'quakenet', mask = null, rank = null, verified = !author.includes(':host:') } = said;
  const data = { ...event.data, author: { id: author, name, verified } };
  return [
    { ...event, type, data },
    { network, mask, rank },
  ];
}

const VALUES = ['for', 'room', 'network'];

async function runLine(bans: Bans, line: string, caller: Partial<Caller> = {}): Promise<Answer> {
  const [name = '', ...words] = line.split(' ');
  const args: string[] = [];
  const flags: Record<string, string | true> = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--')) args.push(word);
    else flags[word.slice(2)] = VALUES.includes(word.slice(2)) ? (words.shift() ?? true) : true;
  }
  const command = bans.commands.find(({ info }) => info.name === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command.run(callOf(name, args, flags, caller));
}

export function callOf(
  command: string,
  args: readonly string[],
  flags: Call['flags'],
  caller: Partial<Caller> = {},
): Call {
  return {
    id: newId(),
    command,
    args,
    flags,
    text: args.join(' '),
    caller: { ...OPAL, ...caller },
    time: new Date().toISOString(),
  };
}

export const OPAL: Caller = {
  author: 'irc:quakenet:account:opal',
  name: 'opal',
  verified: true,
  identity: null,
  network: 'quakenet',
  channel: '#quakeworld',
  rooms: ['quakeworld'],
  person: 'opal',
  rank: null,
  mask: null,
};

export const MOD: Caller = { ...OPAL, author: 'irc:quakenet:account:mod', name: 'mod', person: 'mod' };

/** The id in an answer such as `b3k7xq: banned …`. */
export function idIn({ lines }: Answer): string {
  return /^[bm][0-9a-z]{5}/.exec(lines[0] ?? '')?.[0] ?? '';
}
