import type { NetworkEvent } from '../bridge.js';
import type { Stored } from '../bus/index.js';
import { timeOfDay } from '../clock.js';
import { reasonOf } from '../errors.js';
import type { Gate, Origin } from '../gate.js';
import type { Logger } from '../log.js';
import { type ParleyEvent, plainText } from '../message/index.js';
import { type Routes, toEvents } from '../routing/index.js';
import type { Note } from '../trace/index.js';
import type { Counters } from './counters.js';
import type { Known, MessageMap } from './message-map.js';
import { Refusals } from './refusals.js';
import type { Switchboard } from './switchboard.js';

export interface ReceptionOptions {
  readonly network: string;
  readonly routes: () => Routes;
  readonly switchboard: Switchboard;
  readonly map: MessageMap;
  readonly counters: Counters;
  readonly note: Note;
  readonly log: Logger;
  readonly gate: Gate;
  /** The name of our bot there now. */
  readonly self: () => string | null;
  /** Operators want nothing of that channel to be relayed. */
  readonly isMuted: (channel: string) => boolean;
}

/** What a bridge heard becomes one event in each room that listens to the channel. */
export class Reception {
  readonly #options: ReceptionOptions;
  /** Events whose turn has not come: one before them waits to learn what it answers. */
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  readonly #refusals: Refusals;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.log);
  }

  /** Resolves once every room has stored it; rejects when one refused. The rejection is logged here. */
  receive(heard: NetworkEvent): Promise<void> {
    const { network, map, counters } = this.#options;
    const { channel, replyTo } = heard;
    counters.received += 1;
    if (this.#waiting === 0) {
      const known = replyTo === undefined ? null : map.peekKnown(network, channel, replyTo);
      if (replyTo === undefined || known !== null) return this.#take(heard, known);
    }
    return this.#takeInTurn(
      heard,
      replyTo === undefined ? Promise.resolve(null) : map.known(network, channel, replyTo),
    );
  }

  /** In the order heard, though the backbone has to be asked what one of them answers. */
  async #takeInTurn(heard: NetworkEvent, asked: Promise<Known | null>): Promise<void> {
    this.#waiting += 1;
    const begun = this.#turn.then(async () => {
      const known = await asked;
      this.#waiting -= 1;
      // In an object: the next one's turn comes when this one is handed over, not when it is stored.
      return { taken: this.#take(heard, known) };
    });
    this.#turn = begun.then(() => {});
    await (await begun).taken;
  }

  async #take(heard: NetworkEvent, known: Known | null): Promise<void> {
    const { network, switchboard, map, counters } = this.#options;
    const unwanted = reasonToDrop(heard, known);
    if (unwanted !== null) {
      counters.drop(unwanted);
      return;
    }
    const replayable = heard.nativeId !== undefined;
    const events = this.#admitted(heard, known);
    if (heard.nativeId !== undefined) map.heard(network, heard.channel, heard.nativeId, events);
    const accepted = events.map((event) => switchboard.accept(event, replayable));
    try {
      const stored = await Promise.all(accepted);
      for (const { duplicate } of stored) {
        if (duplicate) counters.drop('duplicate');
        else counters.stored += 1;
      }
      this.#overhear(heard, events, stored);
    } catch (error) {
      counters.drop('refused');
      this.#refusals.add(heard.channel, reasonOf(error));
      throw error;
    }
  }

  /** One event per room whose direction and filters let it in. */
  #admitted(heard: NetworkEvent, known: Known | null): readonly ParleyEvent[] {
    const { network, routes, counters, note } = this.#options;
    const rooms = routes().roomsOf(network, heard.channel);
    if (rooms.length === 0) counters.drop('direction');
    const origin = this.#originOf(heard);
    const eventIdOf = (_nativeId: string, room: string) => known?.rooms[room] ?? null;
    return toEvents(heard, { network, rooms, now: timeOfDay(), eventIdOf }).flatMap((event) => {
      note(event.id, 'heard', network, heard.channel, event.subject);
      const admitted = this.#filtered(event, heard.channel, origin);
      if (typeof admitted !== 'string') return [admitted];
      counters.drop(admitted);
      note(event.id, 'dropped', network, heard.channel, admitted);
      return [];
    });
  }

  #originOf({ mask, rank }: NetworkEvent): Origin {
    return { network: this.#options.network, mask: mask ?? null, rank: rank ?? null };
  }

  #filtered(event: ParleyEvent, channel: string, origin: Origin): ParleyEvent | string {
    const { network, routes, gate, isMuted } = this.#options;
    if (isMuted(channel)) return 'muted';
    const data = routes().admit(network, channel, event.subject, event.data);
    if (typeof data === 'string') return data;
    return gate.refuses(event, origin) ?? (data === event.data ? event : { ...event, data });
  }

  /** A line that came again was heard before. */
  #overhear(heard: NetworkEvent, events: readonly ParleyEvent[], stored: readonly Stored[]): void {
    const [first, ...others] = events.filter((_, index) => stored[index]?.duplicate === false);
    if (first === undefined || first.type !== 'chat.message') return;
    const { gate, self } = this.#options;
    gate.heard({
      ...this.#originOf(heard),
      channel: heard.channel,
      events: [first, ...others],
      author: first.data.author,
      text: plainText(first.data.text, first.data.markup),
      self: self(),
      person: heard.person ?? null,
    });
  }
}

/** What was said elsewhere is changed from there: who may moderate one network has no say over the words of another. */
function reasonToDrop({ type }: NetworkEvent, known: Known | null): string | null {
  if (type !== 'chat.edit' && type !== 'chat.delete') return null;
  if (known?.ours === true) return 'relayed-copy';
  return type === 'chat.delete' && known === null ? 'unknown-target' : null;
}
