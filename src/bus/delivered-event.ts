import type { Msg } from 'nats';
import { decodeEvent, type ParleyEvent } from '../message/index.js';
import { SAID_HEADER } from './said-header.js';
import type { AckSubject } from './subjects.js';
import type { Delivery } from './types.js';

/** One message of a network's consumer. Nothing is decoded before it is asked for. */
export class DeliveredEvent implements Delivery {
  readonly sequence: number;
  readonly pending: number;
  readonly redelivered: boolean;
  readonly again: boolean;
  readonly ack: () => void;
  readonly #message: Msg;
  #id: string | null = null;
  #event: ParleyEvent | null = null;

  constructor(message: Msg, ack: AckSubject, acknowledge: () => void, again = false) {
    this.#message = message;
    this.sequence = ack.sequence;
    this.pending = ack.pending;
    this.redelivered = ack.deliveries > 1;
    this.again = again;
    this.ack = acknowledge;
  }

  get id(): string {
    this.#id ??= this.#message.headers?.get('Nats-Msg-Id') || this.#idOfBody();
    return this.#id;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  wasSaidOn(network: string): boolean {
    const said = this.#message.headers?.get(SAID_HEADER) ?? '';
    return said !== '' && said.split(',').includes(network);
  }

  event(): ParleyEvent {
    this.#event ??= decodeEvent(this.#message.data);
    return this.#event;
  }

  /** Published without the header, by a plugin. What is no event at all gets a name that dead letters can use. */
  #idOfBody(): string {
    try {
      return this.event().id;
    } catch {
      return `sequence-${this.sequence}`;
    }
  }
}
