/** Gateways that share broadcast lists over a real nats-server; only the front is played. */
import type { ExecutionContext } from 'ava';
import {
  type Broadcasts,
  type BroadcastsOptions,
  openBroadcasts,
} from '../../../control-server/broadcasts/index.js';
import type { Answer, Caller } from '../../../control-server/call.js';
import type { Access, Act } from '../../../control-server/command.js';
import { calledIn, wordsOf } from '../../../control-server/grammar.js';
import type { BusAddress } from '../../../src/bus/index.js';
import type { ParleyConfig } from '../../../src/config/index.js';
import { silentLogger } from '../../../src/log.js';
import { newId, type ParleyEvent } from '../../../src/message/index.js';
import { openBus } from '../../bus/fixtures.js';
import { loadText } from '../../config/loading.js';

export const NOON = Date.parse('2026-11-25T12:00:00Z');
export const MINUTE = 60_000;

const ROOMS = `networks:
  quakenet: { bridge: irc, host: irc.quakenet.org, nick: parley }
  undernet: { bridge: irc, host: irc.undernet.org, nick: parley }
rooms:
  quakeworld: { channels: [quakenet: "#quakeworld", undernet: "#qw"] }
  duel: { channels: [quakenet: "#duel", undernet: "#duel"] }
  admins: { channels: [quakenet: "#admins"] }
`;

/** A config with these rooms and the section given, as YAML. */
export async function configOf(t: ExecutionContext, broadcasts: string): Promise<ParleyConfig> {
  return (await loadText(t, `${ROOMS}broadcasts:\n${broadcasts}`)).config;
}

/** A clock that stands still until it is set. */
export interface Clock {
  now: number;
}

export interface Gateway {
  readonly lists: Broadcasts;
  /** What was said, in order. */
  readonly said: ParleyEvent[];
  readonly acts: Act[];
  /** Plays the front: a line in a channel, and what is answered; null: it calls nothing. */
  line(text: string, caller?: Partial<Caller>): Promise<Answer | null>;
  /** Lines that the caller is told. */
  told(text: string, caller?: Partial<Caller>): Promise<readonly string[]>;
  /** `broadcast optout qw` and its like. */
  command(text: string, caller?: Partial<Caller>): Promise<Answer>;
}

export interface GatewayOptions extends Partial<Omit<BroadcastsOptions, 'config' | 'bus'>> {
  readonly address: BusAddress;
  readonly config: () => ParleyConfig;
  readonly clock: Clock;
}

/** Everybody is themselves and may do nothing. */
export const NOBODY_MAY: Access = {
  refusal: () => 'You may not: ask an owner.',
  identityOf: () => null,
  mayAnywhere: () => false,
  roleOf: () => 'user' as const,
};
export const ALL_MAY: Access = {
  refusal: () => null,
  mayAnywhere: () => true,
  identityOf: () => null,
  roleOf: () => 'user' as const,
};

export const ZAPPATER: Caller = {
  author: 'irc:quakenet:account:zappater',
  name: 'zappater',
  verified: true,
  identity: null,
  network: 'quakenet',
  channel: '#quakeworld',
  rooms: ['quakeworld'],
  person: 'zappater',
  rank: null,
  mask: null,
};

export function nick(name: string, changes: Partial<Caller> = {}): Caller {
  return {
    ...ZAPPATER,
    author: `irc:quakenet:nick:${name}`,
    name,
    verified: false,
    person: name,
    ...changes,
  };
}

/** Stopped at the test's end, if it was not before. */
export async function openGateway(t: ExecutionContext, options: GatewayOptions): Promise<Gateway> {
  const { address, clock, config, ...rest } = options;
  const said: ParleyEvent[] = [];
  const acts: Act[] = [];
  const lists = await openBroadcasts({
    bus: await openBus(t, address),
    gateway: 'alpha',
    config,
    access: NOBODY_MAY,
    audit: async (act) => void acts.push(act),
    say: async (event) => void said.push(event),
    log: silentLogger,
    now: () => clock.now,
    ...rest,
  });
  t.teardown(() => lists.stop());
  const run = async (command: string, text: string, caller: Partial<Caller>): Promise<Answer> => {
    const found = lists.commands.find(({ info }) => info.name === command);
    if (found === undefined) throw new Error(`no command ${command}`);
    const words = found.words === undefined ? wordsOf(text, found.info.usage) : { args: [], flags: {} };
    const time = new Date(clock.now).toISOString();
    return found.run({ id: newId(), command, ...words, text, caller: { ...ZAPPATER, ...caller }, time });
  };
  const wordOf = (word: string) => (lists.commands.some(({ words }) => words?.includes(word)) ? word : null);
  const line = async (text: string, caller: Partial<Caller> = {}) => {
    const called = calledIn(text, { prefixes: [], self: null, wordOf });
    if (called === null) return null;
    const command = lists.commands.find(({ words }) => words?.includes(called.word));
    return run(command?.info.name ?? '', called.text, caller);
  };
  return {
    lists,
    said,
    acts,
    line,
    told: async (text, caller) => (await line(text, caller))?.lines ?? ['calls nothing'],
    command: (text, caller = {}) => {
      const [name = '', ...words] = text.split(' ');
      return run(name, words.join(' '), caller);
    },
  };
}
