/** Whom a line is for. */
import type { ChannelState, Channels } from './channels.js';
import type { Session } from './session.js';

/** One nick, while something is being said to it. */
export interface Person {
  readonly address: string;
  readonly standing: 'person';
}

export type Recipient = ChannelState | Person;

export interface Recipients {
  /** By the name in a line from the server, in any case. */
  find(name: string): Recipient | undefined;
  /** The same object for a nick until each `take` had its `release`. */
  take(nick: string): Person;
  release(person: Person): void;
}

export function trackRecipients(session: Pick<Session, 'fold'>, channels: Channels): Recipients {
  const people = new Map<string, { readonly person: Person; uses: number }>();
  return {
    find: (name) => channels.find(name) ?? people.get(session.fold(name))?.person,
    take(nick) {
      const key = session.fold(nick);
      const known = people.get(key) ?? { person: { address: nick, standing: 'person' }, uses: 0 };
      known.uses += 1;
      people.set(key, known);
      return known.person;
    },
    release({ address }) {
      const key = session.fold(address);
      const known = people.get(key);
      if (known === undefined) return;
      known.uses -= 1;
      if (known.uses === 0) people.delete(key);
    },
  };
}
