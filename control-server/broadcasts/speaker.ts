/** Which rooms and channels hear a list now, and telling them. */
import type { BroadcastListConfig, ParleyConfig } from '../../src/config/index.js';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import { encodeSource, type ParleyEvent } from '../../src/message/index.js';
import type { Call, Caller } from '../call.js';
import { eventFor } from './events.js';
import type { Ledger } from './ledger.js';
import { quietestUntil } from './quiet.js';

export interface SpeakerOptions {
  readonly config: () => ParleyConfig;
  readonly ledger: Ledger;
  /** Stores an event for its room, and says it; rejects when it cannot be stored. */
  readonly say: (event: ParleyEvent) => Promise<unknown>;
  readonly log: Logger;
}

export interface Speech {
  readonly list: BroadcastListConfig;
  readonly rooms: readonly string[];
  readonly call: Call;
  readonly line: string;
  /** Ms since 1970. */
  readonly now: number;
}

export class Speaker {
  readonly #options: SpeakerOptions;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  roomsOf({ hear, echo }: BroadcastListConfig, caller: Caller, now: number): readonly string[] {
    const { rooms, broadcasts } = this.#options.config();
    return (hear ?? [...rooms.keys()]).filter((room) => {
      if (!rooms.has(room) || (!echo && caller.rooms.includes(room))) return false;
      const hours = broadcasts.quiet.filter((quiet) => quiet.rooms.includes(room));
      return quietestUntil(hours, now) === null;
    });
  }

  /** False: no room has it. */
  async say({ list, rooms, call, line, now }: Speech): Promise<boolean> {
    const { say, log } = this.#options;
    const { author, name, verified, network, channel } = call.caller;
    const announcement = {
      origin: call.id,
      list: list.name,
      author: { id: author, name, verified },
      network,
      channel: channel ?? '',
      now,
      maxAgeMs: list.maxAgeMs,
      line,
    };
    const attempts = rooms.map(async (room) => say(eventFor(room, this.#outsOf(list, room), announcement)));
    const failed = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'rejected');
    const [first] = failed as readonly PromiseRejectedResult[];
    if (first !== undefined) {
      const reason = reasonOf(first.reason);
      log.warn('a broadcast was not said in every room', { list: list.name, rooms: failed.length, reason });
    }
    return failed.length < rooms.length;
  }

  /** Whether what these rooms hear is said in the caller's channel too: never where its direction is `in`. */
  isHeard(rooms: readonly string[], { network, channel }: Caller): boolean {
    return rooms.some((room) =>
      this.#channelsOf(room).some(
        (each) => each.network === network && each.channel === channel && each.direction !== 'in',
      ),
    );
  }

  /** Sources of the channels of a room that have opted out. */
  #outsOf(list: BroadcastListConfig, room: string): readonly string[] {
    return this.#channelsOf(room)
      .filter(({ network, channel }) => this.#options.ledger.isOut(list.name, network, channel))
      .map(({ network, channel }) => encodeSource(network, channel));
  }

  #channelsOf(room: string) {
    return this.#options.config().rooms.get(room)?.channels ?? [];
  }
}
