/** The durable pull consumer of one network on ROOMS, and its settings. */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  nanos,
} from 'nats';
import { ParleyError } from '../errors.js';
import { isNotFound } from './api-errors.js';

/** Messages held back for a muted channel stay unacknowledged for minutes; no timer may hand them out again. */
const ACK_WAIT_MS = 60 * 60_000;
/** One stuck channel may hold back this many before the network's other channels wait too. */
const MAX_ACK_PENDING = 65_536;

/** While taking over: the server offers everything unacknowledged again within 100 ms, and nothing new. */
const TAKEOVER: Partial<ConsumerConfig> = { ack_wait: nanos(50), max_ack_pending: 1 };
const NORMAL: Partial<ConsumerConfig> = { ack_wait: nanos(ACK_WAIT_MS), max_ack_pending: MAX_ACK_PENDING };

/** Where a consumer begins that does not exist yet: a sequence (inclusive), or null for new messages only. */
export type Start = number | null;

export class NetworkConsumer {
  readonly stream: string;
  readonly name: string;
  readonly #manager: JetStreamManager;
  readonly #filter: string;

  constructor(manager: JetStreamManager, stream: string, name: string, filter: string) {
    this.#manager = manager;
    this.stream = stream;
    this.name = name;
    this.#filter = filter;
  }

  async info(): Promise<ConsumerInfo | null> {
    try {
      return await this.#manager.consumers.info(this.stream, this.name);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** Throws BACKBONE_CONFLICT when a consumer of that name is not ours. */
  async ensure(start: Start): Promise<ConsumerInfo> {
    const info = await this.info();
    if (info === null) return this.#create(start);
    const { ack_policy, filter_subject, deliver_subject } = info.config;
    const ours = ack_policy === AckPolicy.Explicit && deliver_subject === undefined;
    if (ours && (filter_subject === undefined || filter_subject === this.#filter)) return info;
    throw new ParleyError(
      'BACKBONE_CONFLICT',
      `consumer ${this.name} of ${this.stream} is not as Parley needs it`,
      {
        fix: `Delete it (nats consumer rm ${this.stream} ${this.name}) or rename the network.`,
      },
    );
  }

  async remove(): Promise<void> {
    try {
      await this.#manager.consumers.delete(this.stream, this.name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async offerUnackedAgain(): Promise<void> {
    await this.#manager.consumers.update(this.stream, this.name, TAKEOVER);
  }

  async settleDown(info: ConsumerInfo | null): Promise<void> {
    const config = info?.config;
    if (config?.ack_wait === NORMAL.ack_wait && config?.max_ack_pending === NORMAL.max_ack_pending) return;
    await this.#manager.consumers.update(this.stream, this.name, NORMAL);
  }

  #create(start: Start): Promise<ConsumerInfo> {
    return this.#manager.consumers.add(this.stream, {
      durable_name: this.name,
      ack_policy: AckPolicy.Explicit,
      filter_subject: this.#filter,
      ...NORMAL,
      ...(start === null
        ? { deliver_policy: DeliverPolicy.New }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, start) }),
    });
  }
}
