/**
 * What one network still has to say, in stream order, each event handed over once per owner.
 *
 * Problem: an owner killed with events in hand leaves them "delivered" on the server, which would offer them again
 * only after the acknowledgement wait (an hour, because held-back events are nobody's fault). Idea: a new owner shortens
 * that wait to nothing while it allows one unacknowledged event only. The server then offers everything unacknowledged
 * within 100 ms and can send nothing new (nats-server 2.9.10 consumer.go: updateConfig, checkPending, getNextMsg). With
 * the first one in hand the owner restores the wait, collects the rest, sorts and hands them over, and goes on.
 * Why it is safe: dying at any step leaves a consumer on which the next owner does the same again. The same is done
 * after every reconnect, because what was on the wire is lost: what the owner still holds is then recognised by its
 * sequence and not handed over twice, and what it acknowledged in vain is acknowledged again.
 * What it cannot do: an acknowledgement on its way when the owner is killed is lost, so that event comes again,
 * marked `redelivered`.
 */
import type { ConsumerInfo, Msg, NatsConnection } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Ask } from './ask.js';
import type { Connection } from './connection.js';
import type { NetworkConsumer } from './consumer.js';
import { DeliveredEvent } from './delivered-event.js';
import { patiently } from './patiently.js';
import { Pull } from './pull.js';
import { SequenceSet } from './sequence-set.js';
import { type AckSubject, parseAckSubject } from './subjects.js';
import { Takeover } from './takeover.js';
import { Turn } from './turn.js';
import type { Deliveries, Delivery } from './types.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 200;
/** A fault that lasts is said this often. */
const QUIET_MS = 10_000;
/** Requests of an owner that vanished without a word run out after `EXPIRES_MS` of pull.ts. */
const STRANGER_DEADLINE_MS = 5000;
const STRANGER_POLL_MS = 100;
const AUDIT_MS = 30_000;

export interface DeliverySource {
  readonly connection: Connection;
  readonly consumer: NetworkConsumer;
  /** Makes sure that the stream exists; answers when it was created. */
  readonly stream: () => Promise<string>;
  readonly ask: Ask;
  /** False: the network is not ours now. */
  readonly mayTake: () => boolean;
  readonly log: Logger;
}

export class NetworkDeliveries implements Deliveries {
  readonly #source: DeliverySource;
  readonly #nats: NatsConnection;
  readonly #handler: (delivery: Delivery) => void;
  /** Handed over and not acknowledged, by sequence. */
  readonly #held = new Set<number>();
  readonly #turn = new Turn();
  /** Handed over ever, or acknowledged by an owner before. Not a mark: after a fault the server may leave gaps. */
  readonly #handed = new SequenceSet();
  /** Where to go on should the consumer vanish; null: it has never existed. */
  #resumeAt: number | null = null;
  #streamCreated = '';
  #pull: Pull | null = null;
  #takeover: Takeover | null = null;
  #retry: NodeJS.Timeout | null = null;
  readonly #audit: NodeJS.Timeout;
  readonly #unlisten: () => void;
  /** What the last audit found amiss, or null. */
  #suspicion: string | null = null;
  #retryMs = FIRST_RETRY_MS;
  #reopening = false;
  /** Why another opening is still to come, or null. */
  #wanted: string | null = null;
  #quietUntilMs = 0;
  /** Counts openings: what an outdated one still does is ignored. */
  #opening = 0;
  #stopped = false;

  constructor(source: DeliverySource, handler: (delivery: Delivery) => void) {
    this.#source = source;
    this.#nats = source.connection.nats;
    this.#handler = handler;
    this.#audit = setInterval(() => this.#audited().catch(() => {}), AUDIT_MS).unref();
    this.#unlisten = source.connection.onState((state) => {
      if (state === 'connected') this.#reopen('reconnected');
      else this.#halt();
    });
  }

  /** The first opening; its error is the caller's. Later ones are retried until they succeed. */
  async open(): Promise<void> {
    const opening = this.#begin();
    const ensured = await this.#ensured();
    if (opening !== this.#opening) return;
    const info = await this.#alone(ensured);
    if (opening !== this.#opening) return;
    this.#resumeAt = info.ack_floor.stream_seq + 1;
    this.#handed.addUpTo(info.ack_floor.stream_seq);
    await this.#begun(info);
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** The consumer, on the stream that we think it is on: one may be deleted and made anew while we ask. */
  async #ensured(): Promise<ConsumerInfo> {
    const { stream, consumer } = this.#source;
    this.#onStream(await stream());
    const info = await consumer.ensure(this.#start());
    if (!this.#onStream(await stream())) return info;
    await consumer.remove();
    return this.#ensured();
  }

  /** True when it is another than before: its sequences start again, and all it holds is new to us. */
  #onStream(created: string): boolean {
    if (created === this.#streamCreated) return false;
    const known = this.#streamCreated !== '';
    this.#streamCreated = created;
    if (!known) return false;
    this.#source.log.warn('the room log was created anew', { held: this.#held.size });
    this.#held.clear();
    this.#handed.clear();
    this.#resumeAt = 1;
    return true;
  }

  /** The last sequence that was handed over, be it by a server that counts otherwise than the others. */
  get last(): number {
    return this.#handed.last;
  }

  async lag(): Promise<{ readonly waiting: number; readonly unacked: number }> {
    const { ask, consumer, connection } = this.#source;
    const goingOn = () => !this.#stopped && connection.state === 'connected';
    const info = await ask('lag', () => patiently(() => consumer.info(), goingOn));
    return { waiting: info?.num_pending ?? 0, unacked: info?.num_ack_pending ?? 0 };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#audit);
    this.#unlisten();
    this.#halt();
    this.#turn.finish();
    if (this.#source.connection.state === 'connected') await this.#nats.flush().catch(() => {});
  }

  #begin(): number {
    this.#halt();
    this.#opening += 1;
    return this.#opening;
  }

  #halt(): void {
    this.#opening += 1;
    this.#pull?.stop();
    this.#takeover?.stop();
    this.#pull = null;
    this.#takeover = null;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #start(): number | null {
    if (this.#resumeAt === null) return null;
    if (this.#held.size > 0) return Math.min(...this.#held);
    return Math.max(this.#resumeAt, this.#handed.last + 1);
  }

  async #begun(info: ConsumerInfo): Promise<void> {
    const { consumer, log } = this.#source;
    const opening = this.#opening;
    const pull = new Pull(this.#nats, consumer.stream, consumer.name, {
      message: (message) => this.#received(message),
      quiet: () => this.#takeover?.quiet(),
      lost: (reason) => this.#retryLater(reason),
      mayOrder: this.#source.mayTake,
    });
    this.#pull = pull;
    if (this.#holdsAll(info)) {
      await consumer.settleDown(info);
      pull.flow();
      return;
    }
    log.info('taking over unacknowledged events', { unacked: info.num_ack_pending, held: this.#held.size });
    this.#takeover = new Takeover(consumer, pull, info, log, {
      finished: (messages) => {
        this.#takeover = null;
        for (const message of messages) this.#accept(message);
      },
      failed: (reason) => {
        if (opening === this.#opening) this.#retryLater(reason);
      },
    });
    this.#takeover.start();
  }

  /** Waits until nobody else has requests open: what the server sends to a vanished machine is lost on both sides. */
  async #alone(info: ConsumerInfo): Promise<ConsumerInfo> {
    const { consumer, log } = this.#source;
    const end = performance.now() + STRANGER_DEADLINE_MS;
    let latest = info;
    while (latest.num_waiting > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, STRANGER_POLL_MS));
      latest = (await consumer.info()) ?? latest;
    }
    if (latest.num_waiting > 0) log.warn('another gateway takes the deliveries of this network too');
    return latest;
  }

  /**
   * A safety net: events that the server counts as delivered and we never saw would wait for an hour, and a server
   * that sends nothing although much waits would do so for ever.
   */
  async #audited(): Promise<void> {
    if (this.#source.connection.state !== 'connected' || this.#pull === null || this.#takeover !== null)
      return;
    this.#turn.finish();
    // Behind the answer to this, all acknowledgements sent so far have been counted.
    await this.#nats.flush();
    const info = await this.#source.consumer.info();
    if (info === null) return;
    this.#handed.addUpTo(info.ack_floor.stream_seq);
    const suspicion = this.#suspicionOf(info);
    // Once is no proof: they may be on their way to us.
    const proven = suspicion !== null && suspicion === this.#suspicion;
    this.#suspicion = proven ? null : suspicion;
    if (proven) this.#reopen(`the server is stuck: ${suspicion}`);
  }

  /** What would be a fault if the next audit finds the very same, or null. */
  #suspicionOf(info: ConsumerInfo): string | null {
    const unacked = info.num_ack_pending;
    if (unacked > this.#held.size) return `lost on the way after ${info.ack_floor.stream_seq}`;
    const full = unacked >= (info.config.max_ack_pending ?? Number.POSITIVE_INFINITY);
    return info.num_pending > 0 && !full ? `nothing sent after ${info.delivered.stream_seq}` : null;
  }

  /** Nothing is with anybody but us, and nothing was lost on the way to us. */
  #holdsAll(info: ConsumerInfo): boolean {
    if (info.num_ack_pending === 0) return true;
    return info.num_ack_pending === this.#held.size && info.delivered.stream_seq === this.#handed.last;
  }

  /**
   * One opening at a time: a backbone that hangs lets us connect again and again, and openings that each retried would
   * become more and more, and end each other's work.
   */
  #reopen(reason: string): void {
    this.#wanted = reason;
    if (!this.#reopening) void this.#keepOpening();
  }

  async #keepOpening(): Promise<void> {
    this.#reopening = true;
    while (this.#wanted !== null && this.#mayOpen()) {
      this.#source.log.debug('deliveries open again', { reason: this.#wanted });
      this.#wanted = null;
      try {
        // Over at once when the connection is lost: what was asked on it is answered no more.
        await this.#source.ask('deliveries', () => this.open());
      } catch (error) {
        // Without a connection the next one begins anew.
        if (this.#mayOpen()) this.#retryLater(reasonOf(error));
      }
    }
    this.#wanted = null;
    this.#reopening = false;
  }

  #mayOpen(): boolean {
    return !this.#stopped && this.#source.connection.state === 'connected' && this.#source.mayTake();
  }

  #retryLater(reason: string): void {
    if (this.#stopped) return;
    this.#halt();
    // It is tried again several times a second: said now and then.
    const level = performance.now() < this.#quietUntilMs ? 'debug' : 'warn';
    if (level === 'warn') this.#quietUntilMs = performance.now() + QUIET_MS;
    this.#source.log[level]('cannot open deliveries', { reason, retryMs: this.#retryMs });
    this.#retry = setTimeout(() => this.#reopen('retry'), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #received(message: Msg): void {
    const ack = parseAckSubject(message.reply ?? '');
    // Not acknowledged, it is the next owner's.
    if (ack === null || !this.#source.mayTake()) return;
    const delivered = { message, ack };
    if (this.#takeover?.take(delivered) === true) return;
    this.#accept(delivered);
  }

  #accept(delivered: Delivered): void {
    const { message, ack } = delivered;
    if (this.#handed.has(ack.sequence)) {
      // Ours already. Acknowledged, but the server never heard it: say it again.
      if (!this.#held.has(ack.sequence)) this.#acknowledge(message);
      return;
    }
    this.#handed.add(ack.sequence);
    this.#held.add(ack.sequence);
    const delivery = new DeliveredEvent(message, ack, () => {
      // At the end of the turn: what readers wait for leaves first, and many acknowledgements leave together.
      if (this.#held.delete(ack.sequence)) this.#turn.defer(() => this.#acknowledge(message));
    });
    try {
      this.#handler(delivery);
    } catch (error) {
      // Thrown into nats.js it would end the whole connection's reader.
      this.#source.log.error('a delivery was not handled', {
        sequence: ack.sequence,
        reason: reasonOf(error),
      });
    }
  }

  #acknowledge(message: Msg): void {
    // While disconnected the client would drop it; after the reconnect the server offers the event again, see above.
    if (this.#source.connection.state === 'connected') message.respond();
  }
}

export interface Delivered {
  readonly message: Msg;
  readonly ack: AckSubject;
}
