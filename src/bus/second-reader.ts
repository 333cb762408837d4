/** The owner's side of a second reading (second-reading.ts): takes what there is of it, and ends it when all is said. */
import type { ConsumerInfo, JetStreamManager, Msg } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Connection } from './connection.js';
import { DeliveredEvent } from './delivered-event.js';
import { Pull } from './pull.js';
import { found, untilIn } from './second-reading.js';
import { parseAckSubject } from './subjects.js';
import type { Delivery, Subscription } from './types.js';

/** Should nobody have told of it. */
const LOOK_MS = 30_000;
const RETRY_MS = 500;
const FIRST_CHECK_MS = 500;
const LONGEST_CHECK_MS = 30_000;

export interface SecondSource {
  readonly connection: Connection;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /** Of the second consumer. */
  readonly name: string;
  /** The last that the first consumer has given to this process. */
  readonly firstAt: () => number;
  readonly mayTake: () => boolean;
  /** Calls back when a second reading was begun anywhere. */
  readonly hear: (begun: () => void) => Subscription;
  readonly log: Logger;
}

export class SecondReader {
  readonly #source: SecondSource;
  readonly #handler: (delivery: Delivery) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #hearing: Subscription;
  readonly #unlisten: () => void;
  #pull: Pull | null = null;
  #next: NodeJS.Timeout | null = null;
  #checkMs = FIRST_CHECK_MS;
  #until = 0;
  #looking = false;
  #stopped = false;

  constructor(source: SecondSource, handler: (delivery: Delivery) => void) {
    this.#source = source;
    this.#handler = handler;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#hearing = source.hear(() => this.#look());
    this.#unlisten = source.connection.onState((state) => {
      if (state === 'connected') this.#look();
      else this.#halt();
    });
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#unlisten();
    this.#halt();
    await this.#hearing.stop();
  }

  get #mayLook(): boolean {
    return !this.#stopped && this.#source.connection.state === 'connected' && this.#source.mayTake();
  }

  #look(): void {
    if (this.#pull !== null || this.#looking || !this.#mayLook) return;
    this.#looking = true;
    const { manager, stream, name } = this.#source;
    found(manager, stream, name)
      .then((info) => {
        if (info !== null && this.#mayLook) this.#begin(info);
      })
      .catch((error: unknown) => this.#later(reasonOf(error)))
      .finally(() => {
        this.#looking = false;
      });
  }

  #begin({ config, ack_floor }: ConsumerInfo): void {
    const { connection, stream, name, firstAt, mayTake, log } = this.#source;
    this.#until = Math.max(untilIn(config.description), firstAt());
    this.#checkMs = FIRST_CHECK_MS;
    log.info('reading again what may have been passed over', {
      after: ack_floor.stream_seq,
      until: this.#until,
    });
    this.#pull = new Pull(connection.nats, stream, name, {
      message: (message) => this.#received(message),
      quiet: () => {},
      lost: (reason) => this.#later(reason),
      // Beyond its end, too: what was lost on the way is given again only to who orders. What comes twice is known.
      mayOrder: mayTake,
    });
    this.#pull.flow();
    this.#checkSoon();
  }

  #halt(): void {
    this.#pull?.stop();
    this.#pull = null;
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = null;
  }

  #later(reason: string): void {
    this.#halt();
    if (this.#stopped) return;
    this.#source.log.debug('cannot read again yet', { reason });
    this.#next = setTimeout(() => this.#look(), RETRY_MS).unref();
  }

  #received(message: Msg): void {
    const ack = parseAckSubject(message.reply ?? '');
    // Not acknowledged, it is the next owner's.
    if (ack === null || !this.#source.mayTake()) return;
    const { connection, log } = this.#source;
    const acknowledge = (): void => {
      if (connection.state === 'connected') message.respond();
    };
    try {
      this.#handler(new DeliveredEvent(message, ack, acknowledge, true));
    } catch (error) {
      log.error('a delivery was not handled', { sequence: ack.sequence, reason: reasonOf(error) });
    }
  }

  #checkSoon(): void {
    this.#next = setTimeout(() => {
      this.#check().then(
        (isOver) => {
          if (this.#pull === null) return;
          if (isOver) this.#halt();
          else this.#checkSoon();
        },
        (error: unknown) => this.#later(reasonOf(error)),
      );
    }, this.#checkMs).unref();
    this.#checkMs = Math.min(this.#checkMs * 2, LONGEST_CHECK_MS);
  }

  /** True when there is nothing more to read again; then the consumer is gone. */
  async #check(): Promise<boolean> {
    const { connection, manager, stream, name, log } = this.#source;
    // Behind the answer to this, all acknowledgements sent so far have been counted.
    await connection.nats.flush();
    const info = await found(manager, stream, name);
    if (info === null) return true;
    if (info.ack_floor.stream_seq < this.#until && !(await this.#hasAll(info))) return false;
    await manager.consumers.delete(stream, name);
    log.info('read again what may have been passed over', { until: this.#until });
    return true;
  }

  /** The log goes that far, and what is not acknowledged of it has fallen out of it. */
  async #hasAll({ num_pending, num_ack_pending }: ConsumerInfo): Promise<boolean> {
    const { manager, stream } = this.#source;
    if (num_pending + num_ack_pending > 0) return false;
    return (await manager.streams.info(stream)).state.last_seq >= this.#until;
  }
}
