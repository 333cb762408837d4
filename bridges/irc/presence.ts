/** Coming, going, renaming, kicking and topics, as events of every attached channel they concern. */
import type { NetworkEvent } from '../../src/bridge.js';
import { speakerOf } from './author.js';
import type { Batches } from './batch.js';
import type { ChannelState, Channels } from './channels.js';
import { type Line, parseSource, tagOf, timeOf } from './line.js';
import type { Netsplits } from './netsplit.js';
import type { Playback } from './playback.js';
import { askWho, type Roster } from './roster.js';
import type { Session } from './session.js';

interface Parts {
  readonly session: Session;
  readonly channels: Channels;
  readonly roster: Roster;
  readonly batches: Batches;
  readonly netsplits: Netsplits;
  readonly playback: Playback;
}

export function watchPresence(parts: Parts): void {
  const { session } = parts;
  session.on('JOIN', (line) => joined(parts, line));
  session.on('PART', (line) => parted(parts, line));
  session.on('QUIT', (line) => quit(parts, line));
  session.on('NICK', (line) => renamed(parts, line));
  session.on('KICK', (line) => kicked(parts, line));
  session.on('TOPIC', (line) => {
    const state = parts.channels.find(line.params[0] ?? '');
    if (state !== undefined) tell(parts, line, state, { type: 'room.topic', text: line.params[1] ?? '' });
  });
}

type Told = Pick<NetworkEvent, 'type' | 'text' | 'target' | 'quit'>;

function tell(parts: Parts, line: Line, state: ChannelState, told: Told): void {
  const { session, roster, batches, playback } = parts;
  const { nick } = parseSource(line.source);
  if (session.self.is(nick)) return;
  const time = timeOf(line);
  if (!playback.admits(state.address, time, batches.typesOf(line))) {
    session.network.dropped?.('playback');
    return;
  }
  const nativeId = tagOf(line, 'msgid');
  const { person, ...speaker } = speakerOf(session, roster, line, state.address);
  const reachable = placeAfter(told, person);
  void session.network.receive({
    ...told,
    ...speaker,
    ...(reachable === undefined ? {} : { person: reachable }),
    channel: state.address,
    ...(/[\x02-\x04\x0f\x11\x16\x1d-\x1f]/.test(told.text) ? { markup: 'irc' as const } : {}),
    ...(time === undefined ? {} : { time }),
    // One QUIT or NICK is an event of several channels: its id alone would make them one.
    ...(nativeId === undefined || told.quit || told.type === 'member.nick' ? {} : { nativeId }),
  });
}

/** Who has quit is nowhere any more; who has a new nick is there. */
function placeAfter({ type, target, quit }: Told, person: string | undefined): string | undefined {
  if (quit === true) return undefined;
  return type === 'member.nick' ? target : person;
}

function joined(parts: Parts, line: Line): void {
  const { session, roster } = parts;
  const source = parseSource(line.source);
  const own = session.self.is(source.nick);
  for (const name of (line.params[0] ?? '').split(',')) {
    const state = parts.channels.find(name);
    if (state === undefined) continue;
    roster.joined(name, source.nick);
    roster.learn(source.nick, source);
    learnAccount(parts, line);
    if (own) {
      parts.playback.start(state.address, line);
      askWho(session, state.address);
    } else if (!parts.netsplits.returns(source.nick, state.address, parts.batches.typesOf(line))) {
      tell(parts, line, state, { type: 'member.join', text: '' });
    }
  }
}

/** extended-join: `JOIN #channel account :realname`, `*` for none. */
function learnAccount({ session, roster }: Parts, line: Line): void {
  const [, account] = line.params;
  if (account === undefined || !session.server.hasCap('extended-join')) return;
  roster.learn(parseSource(line.source).nick, { account: account === '*' ? null : account });
}

function parted(parts: Parts, line: Line): void {
  const { nick } = parseSource(line.source);
  for (const name of (line.params[0] ?? '').split(',')) {
    const state = parts.channels.find(name);
    if (state !== undefined) tell(parts, line, state, { type: 'member.leave', text: line.params[1] ?? '' });
    if (parts.session.self.is(nick)) parts.roster.clear(name);
    else parts.roster.left(name, nick);
  }
}

function quit(parts: Parts, line: Line): void {
  const { nick } = parseSource(line.source);
  const states = statesOf(parts, nick);
  const channels = states.map(({ address }) => address);
  if (!parts.netsplits.takes(line, parts.batches.typesOf(line), channels)) {
    const told = { type: 'member.leave', text: line.params[0] ?? '', quit: true } as const;
    for (const state of states) tell(parts, line, state, told);
  }
  parts.roster.forget(nick);
}

function renamed(parts: Parts, line: Line): void {
  const { nick } = parseSource(line.source);
  const [next = ''] = line.params;
  if (next === '') return;
  const told = { type: 'member.nick', text: '', target: next } as const;
  for (const state of statesOf(parts, nick)) tell(parts, line, state, told);
  parts.roster.renamed(nick, next);
}

function kicked(parts: Parts, line: Line): void {
  const [name = '', nick = '', reason = ''] = line.params;
  const state = parts.channels.find(name);
  if (state !== undefined) tell(parts, line, state, { type: 'member.kick', text: reason, target: nick });
  if (parts.session.self.is(nick)) parts.roster.clear(name);
  else parts.roster.left(name, nick);
}

function statesOf({ channels, roster }: Parts, nick: string): readonly ChannelState[] {
  return roster.channelsOf(nick).flatMap((name) => {
    const state = channels.find(name);
    return state === undefined ? [] : [state];
  });
}
