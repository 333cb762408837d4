/**
 * What stands between those who speak and the rooms: whether they may, and whether what they say is a command.
 * The control server is one; what takes lines in (networks, HTTP) only knows this page. Both methods answer at once.
 */
import type { PrivateMessage, Rank } from './bridge.js';
import type { Author, ParleyEvent } from './message/index.js';

export interface Gate {
  /**
   * Why the event may not enter its room, a word such as `banned` or `muted`, or null. Asked before anything is stored
   * or said, for each room.
   */
  refuses(event: ParleyEvent, origin: Origin): string | null;
  /** A line was accepted into its rooms: it may be a command. */
  heard(line: HeardLine): void;
  /** Somebody spoke to our bot alone. */
  addressed(network: string, message: PrivateMessage): void;
}

/** What is known of who said something beside the author that everybody is told. */
export interface Origin {
  /** Where it was heard. Null: over HTTP. */
  readonly network: string | null;
  /** As in `NetworkEvent.mask`: the address that bans match. Null: that network shows none. */
  readonly mask: string | null;
  readonly rank: Rank | null;
}

/** One line of chat (`chat.message`), once for all rooms that hear its channel. */
export interface HeardLine extends Origin {
  readonly channel: string;
  /** At least one: an event of each room, the same line. */
  readonly events: readonly [ParleyEvent, ...ParleyEvent[]];
  readonly author: Author;
  /** Plain text. */
  readonly text: string;
  /** The name of our bot there, when it has one. */
  readonly self: string | null;
  /** Whom a private answer goes to; null: nobody there can be told anything alone. */
  readonly person: string | null;
}

/** Lets everything in, and hears no commands. */
export const OPEN_GATE: Gate = {
  refuses: () => null,
  heard: () => {},
  addressed: () => {},
};

/** Who gives a command where no line is heard: over HTTP. */
export interface Asker {
  readonly author: Author;
  /** The room that it is about, if any. */
  readonly rooms: readonly string[];
  /** May do everything. */
  readonly admin: boolean;
}

/** What is answered there. */
export interface Asked {
  /** It was not done, and the lines say why. */
  readonly refused: boolean;
  readonly lines: readonly string[];
}
