/**
 * Entering channels, and coming back to them after a kick, a refusal or a forced part: with growing waits and a
 * limit, under the same nick and address. A ban is never evaded; the operator is told what to do about it.
 */
import type { Channel } from '../../src/bridge.js';
import type { ChannelState, Channels } from './channels.js';
import { deferred } from './deferred.js';
import { type Line, parseSource } from './line.js';
import { JOIN_REFUSALS, joinRefusal } from './numerics.js';
import type { Session } from './session.js';

export interface Joiner {
  /** Sends the JOINs, as few lines as hold them; resolves when each has been answered. */
  join(channels: readonly Channel[]): Promise<void>;
  leave(channel: Channel): void;
  /** The server says that we are not in it after all. */
  missing(state: ChannelState, reason: string): void;
}

const LONGEST_JOIN_BYTES = 480;
const LONGEST_WAIT_MS = 10 * 60_000;
/** Having stayed this long, the next kick counts as the first. */
const SETTLED_MS = 5 * 60_000;

export function createJoiner(session: Session, channels: Channels): Joiner {
  const parts: Parts = { session, channels };
  session.on('JOIN', (line) => {
    if (!session.self.is(parseSource(line.source).nick)) return;
    for (const name of (line.params[0] ?? '').split(',')) entered(parts, name);
  });
  session.on(JOIN_REFUSALS, (line) => refused(parts, line));
  session.on('PART', (line) => {
    const state = channels.find(line.params[0] ?? '');
    if (state !== undefined && session.self.is(parseSource(line.source).nick)) {
      outside(parts, state, `parted by the network: ${line.params[1] ?? ''}`);
    }
  });
  session.on('KICK', (line) => {
    const state = channels.find(line.params[0] ?? '');
    if (state === undefined || !session.self.is(line.params[1] ?? '')) return;
    const by = parseSource(line.source).nick;
    outside(parts, state, `kicked by ${by}: ${line.params[2] ?? ''}`);
  });
  session.on('INVITE', (line) => {
    const state = channels.find(line.params[1] ?? '');
    if (state?.standing !== 'out' || !session.self.is(line.params[0] ?? '')) return;
    state.tries = 0;
    void attempt(parts, [state]);
  });
  return {
    join: (wanted) =>
      attempt(
        parts,
        wanted.map((channel) => channels.add(channel)),
      ),
    leave(channel) {
      const state = channels.remove(channel.address);
      if (state === undefined) return;
      state.cancel();
      state.answer?.resolve();
      if (state.standing !== 'out') session.send(`PART ${state.address}`);
      session.network.degraded(state.address, null);
    },
    missing: (state, reason) => outside(parts, state, reason),
  };
}

interface Parts {
  readonly session: Session;
  readonly channels: Channels;
}

async function attempt(parts: Parts, states: readonly ChannelState[]): Promise<void> {
  const { session } = parts;
  const wanted = states.filter((state) => state.standing === 'out');
  for (const state of wanted) {
    state.cancel();
    state.standing = 'joining';
    state.answer = deferred<void>();
    state.cancel = session.after(session.config.joinTimeout, () =>
      outside(parts, state, `no answer to JOIN within ${session.config.joinTimeout} ms`),
    );
  }
  for (const line of joinLines(wanted, mostPerLine(session))) session.send(line);
  await Promise.all(states.map((state) => state.answer?.promise));
}

function entered(parts: Parts, name: string): void {
  const { session, channels } = parts;
  const state = channels.find(name);
  if (state === undefined) {
    // Forwarded (470) or forced: nobody asked us to listen there.
    session.send(`PART ${name}`);
    return;
  }
  state.cancel();
  state.standing = 'in';
  state.plain = false;
  state.cancel = session.after(SETTLED_MS, () => {
    state.tries = 0;
  });
  session.network.degraded(state.address, null);
  session.log.info('joined', { channel: state.address });
  state.answer?.resolve();
}

function refused(parts: Parts, { command, params }: Line): void {
  const state = parts.channels.find(params[1] ?? '');
  if (state?.standing !== 'joining') return;
  const text = params.length > 2 ? (params.at(-1) ?? '') : '';
  outside(parts, state, joinRefusal(command, text, state.address, parts.session.self.nick));
}

/** We are not in the channel: says so, and plans the next try. */
function outside(parts: Parts, state: ChannelState, reason: string): void {
  const { session, channels } = parts;
  const { delay, max } = session.config.rejoin;
  state.cancel();
  state.standing = 'out';
  const again = state.tries < max && channels.find(state.address) === state;
  state.reason = again ? reason : `${reason} Gave up after ${state.tries} tries; reconnect to try again.`;
  // The core logs it.
  session.network.degraded(state.address, state.reason);
  state.answer?.resolve();
  if (!again) return;
  const waitMs = Math.min(delay * 2 ** state.tries, LONGEST_WAIT_MS);
  state.tries += 1;
  state.cancel = session.after(waitMs, () => void attempt(parts, [state]));
}

/** ISUPPORT `TARGMAX=JOIN:4,PRIVMSG:1`; nothing after the colon means no limit. */
function mostPerLine(session: Session): number {
  const targmax = session.server.isupport('TARGMAX');
  const found = typeof targmax === 'string' ? /(?:^|,)JOIN:(\d+)/i.exec(targmax) : null;
  return found === null ? Number.POSITIVE_INFINITY : Math.max(1, Number(found[1]));
}

/** `JOIN #a,#b,#c keyOfA,keyOfB`: channels with a key come first (RFC 2812 §3.2.1). */
export function joinLines(
  states: readonly { readonly address: string; readonly key: string | undefined }[],
  most: number,
): readonly string[] {
  const ordered = [...states].sort((a, b) => Number(a.key === undefined) - Number(b.key === undefined));
  const lines: string[] = [];
  let names: string[] = [];
  let keys: string[] = [];
  for (const { address, key } of ordered) {
    const next = joinLine([...names, address], key === undefined ? keys : [...keys, key]);
    if (names.length === most || (names.length > 0 && Buffer.byteLength(next) > LONGEST_JOIN_BYTES)) {
      lines.push(joinLine(names, keys));
      names = [];
      keys = [];
    }
    names.push(address);
    if (key !== undefined) keys.push(key);
  }
  if (names.length > 0) lines.push(joinLine(names, keys));
  return lines;
}

function joinLine(names: readonly string[], keys: readonly string[]): string {
  return `JOIN ${names.join(',')}${keys.length === 0 ? '' : ` ${keys.join(',')}`}`;
}
