/** Hands events to the gateway and answers only for what the log has, or the spool while the backbone is away. */
import type { Bus, Stored } from '../bus/index.js';
import { ParleyError } from '../errors.js';
import type { ParleyEvent } from '../message/index.js';
import { saysTheSame } from './intake.js';
import { Patience } from './patience.js';
import { HttpProblem } from './problem.js';
import { encodeLogged } from './stream/index.js';
import type { GatewayView } from './view.js';

/** How long an answer waits for the log. */
const STORE_TIMEOUT_MS = 1_000;
/** Events with a key that went to the spool, the latest: what a repeat is compared with until the log has them. */
const MAX_SPOOLED = 10_000;

interface Storing {
  readonly event: ParleyEvent;
  readonly stored: Promise<Stored>;
}

/** An accepted event as JSON, and who has it. */
export interface Told {
  readonly json: string;
  readonly stored: 'log' | 'spool';
}

/** The answer to a single event. */
export function acceptedOf({ json, stored }: Told): string {
  return `{"event":${json},"stored":"${stored}"}`;
}

export class Teller {
  readonly #gateway: GatewayView;
  readonly #bus: Bus;
  readonly #patience = new Patience(STORE_TIMEOUT_MS);
  /** Events with a key that are being stored: a repeat that comes meanwhile waits for the same. */
  readonly #storing = new Map<string, Storing>();
  readonly #spooled = new Map<string, ParleyEvent>();

  constructor(gateway: GatewayView, bus: Bus) {
    this.#gateway = gateway;
    this.#bus = bus;
  }

  /**
   * Resolves once the event is stored. Throws HttpProblem NOT_STORED_YET or IDEMPOTENCY_KEY_REUSED, or what
   * `GatewayView.say` throws.
   */
  async say(event: ParleyEvent): Promise<Told> {
    const keyed = event.data.native.id !== null;
    const storing = keyed ? this.#sayOnce(event) : this.#gateway.say(event, false);
    const stored = await this.#patience.wait(storing, () => notStoredYet(event));
    if (keyed && stored.duplicate) return await this.#original(event, stored);
    if (stored.spooled === true) return this.#inSpool(event, keyed);
    return { json: encodeLogged({ event, sequence: stored.sequence }), stored: 'log' };
  }

  #inSpool(event: ParleyEvent, keyed: boolean): Told {
    if (keyed) this.#spooled.set(event.id, event);
    const [oldest] = this.#spooled.size > MAX_SPOOLED ? this.#spooled.keys() : [];
    if (oldest !== undefined) this.#spooled.delete(oldest);
    return { json: JSON.stringify(event), stored: 'spool' };
  }

  #sayOnce(event: ParleyEvent): Promise<Stored> {
    const before = this.#storing.get(event.id);
    if (before !== undefined) {
      const again = before.stored.then((stored) => ({ ...stored, duplicate: true }));
      return saysTheSame(before.event, event) ? again : Promise.reject(reused());
    }
    const stored = this.#gateway.say(event, true);
    this.#storing.set(event.id, { event, stored });
    const done = () => this.#storing.delete(event.id);
    stored.then(done, done);
    return stored;
  }

  /** What the log has under this id; or the spool, as long as the log has not. */
  async #original(event: ParleyEvent, stored: Stored): Promise<Told> {
    const first = stored.spooled === true ? await this.#stillSpooled(event) : null;
    if (first !== null) {
      if (saysTheSame(first, event)) return this.#inSpool(first, true);
      throw reused();
    }
    const sequence = stored.sequence || ((await this.#bus.sequenceOf(event.subject, event.id)) ?? 0);
    // Known, but not in this room: the key was used in another.
    if (sequence === 0) throw reused();
    const found = await this.#logged(sequence, event);
    if (!saysTheSame(found, event)) throw reused();
    this.#spooled.delete(event.id);
    return { json: encodeLogged({ event: found, sequence }), stored: 'log' };
  }

  /** Throws NOT_STORED_YET when who said that it is there leads the log no more, and the next leader has it elsewhere. */
  async #logged(sequence: number, event: ParleyEvent): Promise<ParleyEvent> {
    const found = await this.#bus.logged(sequence).catch((error: unknown) => {
      if (error instanceof ParleyError && error.code !== 'BACKBONE_UNAVAILABLE') return null;
      throw error;
    });
    if (found?.id === event.id) return found;
    throw notStoredYet(event);
  }

  /** The event that went to the spool under this id, unless the log has it by now. */
  async #stillSpooled(event: ParleyEvent): Promise<ParleyEvent | null> {
    const first = this.#spooled.get(event.id) ?? event;
    try {
      return (await this.#bus.sequenceOf(first.subject, event.id)) === null ? first : null;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE') return first;
      throw error;
    }
  }
}

function reused(): HttpProblem {
  return new HttpProblem('IDEMPOTENCY_KEY_REUSED', 'This key came before with another message.', {
    fix: 'Use a new key for each message, and the same key only to repeat it unchanged.',
  });
}

function notStoredYet({ id, data }: ParleyEvent): HttpProblem {
  const detail =
    'The backbone did not confirm the message in time. It is kept, and stored once the backbone is back.';
  const fix =
    data.native.id === null
      ? 'Do not repeat it, or it may be said twice. Send an Idempotency-Key to make repeats safe.'
      : 'Repeat it with the same Idempotency-Key until it is answered with 202.';
  return new HttpProblem('NOT_STORED_YET', detail, {
    fix,
    headers: { 'retry-after': '2' },
    members: { event: id },
  });
}
