/**
 * One event for a netsplit instead of a QUIT for everybody behind it.
 *
 * A QUIT belongs to a split when its batch says so (ircv3.net/specs/batches/netsplit) or its reason is two server names
 * and nothing else; servers put "Quit: " before what a user gives as reason. The QUITs of one split come in one
 * flood: it is told when there have been none for a moment. Whoever comes back is not shown as joining.
 */
import type { Author } from '../../src/bridge.js';
import { type Line, parseSource } from './line.js';
import type { Session } from './session.js';

export interface Netsplits {
  /** Collects the QUIT when it belongs to a split; `channels` are those it is told in. */
  takes(line: Line, batchTypes: readonly string[], channels: readonly string[]): boolean;
  /** True once for each nick and channel that a split took away. */
  returns(nick: string, channel: string, batchTypes: readonly string[]): boolean;
}

export const QUIET_MS = 1000;
const REMEMBERED_MS = 30 * 60_000;
const MOST_REMEMBERED = 20_000;
const NAMES_TOLD = 10;

const SERVER = '(?:[A-Za-z0-9*-]+\\.)+[A-Za-z*][A-Za-z0-9*-]*';
const SPLIT = new RegExp(`^(${SERVER}) (${SERVER})$`);

/** The two servers that lost each other, or null. */
export function splitServers(reason: string): readonly [string, string] | null {
  const [, near = '', far = ''] = reason.length > 200 ? [] : (SPLIT.exec(reason) ?? []);
  return near === '' || near.toLowerCase() === far.toLowerCase() ? null : [near, far];
}

interface Split {
  readonly servers: string;
  readonly nicks: Map<string, string[]>;
  cancel: () => void;
}

export function collectNetsplits(session: Session): Netsplits {
  const splits = new Map<string, Split>();
  const gone = new Map<string, number>();
  const keyOf = (nick: string, channel: string): string => `${session.fold(nick)} ${session.fold(channel)}`;

  const tell = (split: Split): void => {
    splits.delete(split.servers);
    for (const [channel, nicks] of split.nicks) {
      void session.network.receive({
        type: 'sys.netsplit',
        channel,
        author: serverAuthor(session, split.servers),
        text: `netsplit ${split.servers}: ${nicks.length} left (${namesOf(nicks)})`,
      });
    }
  };

  return {
    takes(line, batchTypes, channels) {
      const servers = splitServers(line.params[0] ?? '');
      if (servers === null && !batchTypes.includes('netsplit')) return false;
      const name = servers?.join(' ') ?? 'of unnamed servers';
      const split = splits.get(name) ?? { servers: name, nicks: new Map(), cancel: () => {} };
      splits.set(name, split);
      const { nick } = parseSource(line.source);
      for (const channel of channels) {
        nicksOf(split, channel).push(nick);
        if (gone.size < MOST_REMEMBERED) gone.set(keyOf(nick, channel), Date.now() + REMEMBERED_MS);
      }
      split.cancel();
      split.cancel = session.after(QUIET_MS, () => tell(split));
      return true;
    },
    returns(nick, channel, batchTypes) {
      const key = keyOf(nick, channel);
      const until = gone.get(key) ?? 0;
      gone.delete(key);
      return until > Date.now() || batchTypes.includes('netjoin');
    },
  };
}

function serverAuthor(session: Session, servers: string): Author {
  const [name = servers] = servers.split(' ');
  return { id: `irc:${session.network.name}:server:${name}`, name, verified: true };
}

function namesOf(nicks: readonly string[]): string {
  const told = nicks.slice(0, NAMES_TOLD).join(', ');
  return nicks.length > NAMES_TOLD ? `${told}, …` : told;
}

function nicksOf(split: Split, channel: string): string[] {
  const nicks = split.nicks.get(channel) ?? [];
  split.nicks.set(channel, nicks);
  return nicks;
}
