import type { NetworkEvent } from '../bridge.js';
import { timeOfDay } from '../clock.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { ParleyEvent } from '../message/index.js';
import { type Routes, toEvents } from '../routing/index.js';
import type { Counters } from './counters.js';
import type { Switchboard } from './switchboard.js';

export interface ReceptionOptions {
  readonly network: string;
  readonly routes: () => Routes;
  readonly switchboard: Switchboard;
  readonly counters: Counters;
  readonly log: Logger;
}

/** What a bridge heard becomes one event in each room that listens to the channel. */
export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Resolves once every room has stored it; rejects when one refused. The rejection is logged here. */
  async receive(heard: NetworkEvent): Promise<void> {
    const { switchboard, counters, log } = this.#options;
    counters.received += 1;
    const replayable = heard.nativeId !== undefined;
    const accepted = this.#admitted(heard).map((event) => switchboard.accept(event, replayable));
    try {
      for (const stored of await Promise.all(accepted)) {
        if (stored.duplicate) counters.drop('duplicate');
        else counters.stored += 1;
      }
    } catch (error) {
      counters.drop('refused');
      log.error('an event was not accepted', { channel: heard.channel, reason: reasonOf(error) });
      throw error;
    }
  }

  /** One event per room whose direction and filters let it in. */
  #admitted(heard: NetworkEvent): readonly ParleyEvent[] {
    const { network, routes, counters } = this.#options;
    const rooms = routes().roomsOf(network, heard.channel);
    if (rooms.length === 0) counters.drop('direction');
    return toEvents(heard, { network, rooms, now: timeOfDay() }).flatMap((event) => {
      const admitted = routes().admit(network, heard.channel, event.subject, event.data);
      if (typeof admitted !== 'string')
        return [admitted === event.data ? event : { ...event, data: admitted }];
      counters.drop(admitted);
      return [];
    });
  }
}
