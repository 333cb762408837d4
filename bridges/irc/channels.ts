/** The channels that the config wants us in, and where we stand with each. */
import type { Channel } from '../../src/bridge.js';
import type { Deferred } from './deferred.js';
import type { Session } from './session.js';

export interface ChannelState {
  /** As the config spells it: what the core knows it by. */
  readonly address: string;
  readonly key: string | undefined;
  standing: 'joining' | 'in' | 'out';
  /** Why we are not in it. */
  reason: string;
  /** Settles when the attempt under way is answered, either way. */
  answer: Deferred<void> | null;
  /** Tries since the last time that staying in worked. */
  tries: number;
  /** Cancels the wait for the answer, or for the next try. */
  cancel: () => void;
  /** Colours and formatting are refused there (mode +c). */
  plain: boolean;
}

export interface Channels {
  /** By the name in a line from the server, in any case. */
  find(name: string): ChannelState | undefined;
  add(channel: Channel): ChannelState;
  remove(address: string): ChannelState | undefined;
  all(): readonly ChannelState[];
}

export function trackChannels(session: Session): Channels {
  const byKey = new Map<string, ChannelState>();
  /** Spellings met so far, so that the usual line costs no folding. */
  const bySpelling = new Map<string, ChannelState>();

  const find = (name: string): ChannelState | undefined => {
    const known = bySpelling.get(name);
    if (known !== undefined) return known;
    const state = byKey.get(session.fold(name));
    // Bounded: whoever wants to can write a channel name in many ways.
    if (state !== undefined && bySpelling.size < 4 * byKey.size) bySpelling.set(name, state);
    return state;
  };

  return {
    find,
    add(channel) {
      const key = session.fold(channel.address);
      const known = byKey.get(key);
      if (known !== undefined && known.address !== channel.address) {
        session.log.warn('two names for one channel: what is said there goes to the first', {
          channel: known.address,
          second: channel.address,
        });
      }
      const state = known ?? newState(channel);
      byKey.set(key, state);
      return state;
    },
    remove(address) {
      const key = session.fold(address);
      const state = byKey.get(key);
      byKey.delete(key);
      bySpelling.clear();
      return state;
    },
    all: () => [...byKey.values()],
  };
}

function newState(channel: Channel): ChannelState {
  const { key } = channel.options;
  return {
    address: channel.address,
    key: typeof key === 'string' ? key : undefined,
    standing: 'out',
    reason: 'not joined yet',
    answer: null,
    tries: 0,
    cancel: () => {},
    plain: false,
  };
}
