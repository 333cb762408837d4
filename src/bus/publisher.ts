/**
 * Publishes events to ROOMS, in call order, each confirmed by the stream.
 *
 * Problem: `js.publish` costs a request with its own timer per message and gives up on the first fault, and nats.js
 * drops publishes silently while disconnected. Idea: one reply inbox, the unconfirmed events in a line, and a rule for
 * faults: hold everything, send only the oldest again until it is confirmed, then all others in order under their old
 * ids. Why it is safe: the stream ignores an id it has (duplicate window, 2 min). What it cannot do: after an outage
 * longer than that window, an event whose confirmation was lost on the way is stored twice; the readers see one id.
 */
import { createInbox, headers, type Msg } from 'nats';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Connection } from './connection.js';
import type { Listening } from './early-subscription.js';
import { type Entry, Line, type Outgoing, type Unconfirmed } from './line.js';
import { type PublishAnswer, readPublishAnswer } from './publish-answer.js';
import { SAID_HEADER } from './said-header.js';
import type { BusState, Stored } from './types.js';

export interface PublisherOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** How many may be on their way at once. */
  readonly window: number;
  /** An event unanswered for this long means that the backbone is away. */
  readonly answerTimeoutMs: number;
  /** Called when events begin to wait although there is a connection. */
  readonly held: () => void;
  /** Called when events wait and none has been confirmed for half a second. */
  readonly stalled: (reason: string) => void;
}

const DEFAULTS: PublisherOptions = {
  maxEvents: 10_000,
  maxBytes: 64 * 1024 * 1024,
  window: 4096,
  answerTimeoutMs: 5000,
  held: () => {},
  stalled: () => {},
};

const SWEEP_MS = 100;
/** Turns of the event loop rather than time: a process that was held up itself has not read the answers yet. */
const STALLED_SWEEPS = 5;
const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 1000;

/**
 * `open`: everything is sent at once. `probing`: connected, only the oldest is sent. `away`: nothing is sent.
 */
type Mode = 'open' | 'probing' | 'away';

export class Publisher {
  readonly #connection: Connection;
  readonly #log: Logger;
  readonly #options: PublisherOptions;
  readonly #inbox = createInbox();
  readonly #listening: Listening;
  readonly #line = new Line();
  /** Sweeps since the last confirmation. */
  #sweeps = 0;
  #mode: Mode;
  #probeMs = FIRST_PROBE_MS;
  #probeTimer: NodeJS.Timeout | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;
  #idle: (() => void) | null = null;
  #closed = false;

  constructor(connection: Connection, log: Logger, options: Partial<PublisherOptions> = {}) {
    this.#connection = connection;
    this.#log = log;
    this.#options = { ...DEFAULTS, ...options };
    this.#mode = connection.state === 'connected' ? 'open' : 'away';
    this.#listening = connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
        else log.error('cannot hear the answers of the backbone', { reason: error.message });
      },
    });
    connection.onState((state) => this.#stateChanged(state));
    connection.onDenied((subject) => this.#denied(subject));
  }

  get unstored(): number {
    return this.#line.count;
  }

  /** There is room for more. */
  get accepting(): boolean {
    const { count, bytes } = this.#line;
    return !this.#closed && count < this.#options.maxEvents && bytes < this.#options.maxBytes;
  }

  /** The stream takes what comes: nothing waits for a fault to pass. */
  get isOpen(): boolean {
    return this.#mode === 'open';
  }

  get unstoredBytes(): number {
    return this.#line.bytes;
  }

  publish(id: string, subject: string, data: Uint8Array): Promise<Stored> {
    const refusal = this.refusal(id, data) ?? this.#fullness(data);
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => this.put({ id, subject, data, resolve, reject }));
  }

  /** Without a look at the limits: for what is accepted already. The caller has asked `refusal`. */
  put(event: Outgoing): void {
    this.#line.push(event);
    this.#sweepTimer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    this.#pump();
  }

  /**
   * Takes out what is unconfirmed, in order, to be kept elsewhere; what comes next begins with one message alone.
   * An answer that is still to come is not heard: sent again, the stream recognises the id.
   */
  withdraw(): readonly Unconfirmed[] {
    const taken = this.#line.take();
    this.#rest();
    if (this.#mode === 'open') this.#mode = 'probing';
    this.#probeMs = FIRST_PROBE_MS;
    this.#stopProbing();
    return taken;
  }

  /** Waits for what is unconfirmed, at most `graceMs`, and rejects the rest. */
  async close(graceMs: number): Promise<void> {
    await this.emptied(graceMs);
    this.#closed = true;
    this.#stopProbing();
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    for (const { reject } of this.#line.take()) {
      reject(unavailable('the gateway stopped before the event was stored'));
    }
    this.#listening.stop();
  }

  /** Resolves once nothing is unconfirmed, or after `graceMs`. */
  emptied(graceMs: number): Promise<void> {
    if (this.#line.count === 0 || graceMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Why the backbone would never take it, or null. */
  refusal(id: string, data: Uint8Array): ParleyError | null {
    if (this.#closed || this.#connection.state === 'closed')
      return unavailable('the backbone connection is closed');
    const maxBytes = this.#connection.maxPayload - HEADER_BYTES - id.length;
    if (data.length > maxBytes) {
      return new ParleyError(
        'EVENT_INVALID',
        `event ${id}: ${data.length} bytes, the backbone takes ${maxBytes}`,
        { fix: 'Shorten the text, or raise max_payload of the nats-server.' },
      );
    }
    if (!HEADER_VALUE.test(id))
      return new ParleyError('EVENT_INVALID', 'event id: expected 1–128 visible characters');
    return null;
  }

  #fullness(data: Uint8Array): ParleyError | null {
    const { count, bytes } = this.#line;
    const { maxEvents, maxBytes } = this.#options;
    if (count < maxEvents && bytes + data.length <= maxBytes) return null;
    return new ParleyError('OUTBOX_FULL', `${count} events wait for the backbone`, {
      fix: 'Bring the backbone back; until then new events are refused.',
    });
  }

  #pump(): void {
    if (this.#mode === 'probing' && this.#probeTimer === null) this.#probe();
    if (this.#mode !== 'open') return;
    while (this.#line.inFlight < this.#options.window) {
      const entry = this.#line.next();
      if (entry === undefined) return;
      this.#send(entry);
    }
  }

  #send(entry: Entry): void {
    this.#line.markSent(entry);
    const head = headers();
    head.set('Nats-Msg-Id', entry.id);
    const said = entry.saidBy();
    if (said.length > 0) head.set(SAID_HEADER, said.join(','));
    try {
      this.#connection.nats.publish(entry.subject, entry.data, {
        headers: head,
        reply: `${this.#inbox}.${entry.number}`,
      });
    } catch (error) {
      // Only a closed connection throws here (size and header are checked before): `close` rejects what is left.
      this.#log.debug('publish refused by the client', { reason: String(error) });
    }
  }

  #answered(message: Msg): void {
    const { subject } = message;
    const entry = this.#line.at(Number(subject.slice(subject.lastIndexOf('.') + 1)));
    if (entry === undefined) return;
    const answer = readPublishAnswer(message);
    if (answer.kind === 'away') this.#hold(answer.reason);
    else this.#settle(entry, answer);
  }

  #settle(entry: Entry, answer: Exclude<PublishAnswer, { kind: 'away' }>): void {
    const { resolve, reject } = entry;
    this.#line.settle(entry);
    this.#sweeps = 0;
    if (this.#line.count === 0) this.#rest();
    if (answer.kind === 'stored') resolve(answer.stored);
    else reject(answer.error);
    if (this.#mode === 'probing') this.#reopen();
    else this.#pump();
  }

  /** Nothing is unconfirmed. */
  #rest(): void {
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    this.#sweepTimer = null;
    this.#sweeps = 0;
    this.#idle?.();
  }

  #stateChanged(state: BusState): void {
    if (state === 'connected') {
      this.#probeMs = FIRST_PROBE_MS;
      this.#mode = 'probing';
      this.#probe();
      return;
    }
    this.#line.unsend();
    this.#mode = 'away';
    this.#stopProbing();
  }

  /** The backbone answers, but not with a place in the stream: nothing is lost, everything waits. */
  #hold(reason: string): void {
    if (this.#mode !== 'open') return;
    this.#log.warn('events wait for the backbone', { reason, unstored: this.#line.count });
    this.#line.unsend();
    this.#mode = 'probing';
    this.#probeMs = FIRST_PROBE_MS;
    this.#probeAgain();
    this.#options.held();
  }

  /** One message at a time: retrying everything every 50 ms has been seen to make 60,000 refusals in one outage. */
  #probe(): void {
    if (this.#mode !== 'probing') return;
    const { oldest } = this.#line;
    if (oldest === undefined) {
      this.#mode = 'open';
      this.#stopProbing();
      return;
    }
    this.#send(oldest);
    this.#probeAgain();
  }

  #stopProbing(): void {
    if (this.#probeTimer !== null) clearTimeout(this.#probeTimer);
    this.#probeTimer = null;
  }

  #probeAgain(): void {
    this.#stopProbing();
    this.#probeTimer = setTimeout(() => this.#probe(), this.#probeMs);
    this.#probeMs = Math.min(this.#probeMs * 2, LONGEST_PROBE_MS);
  }

  #reopen(): void {
    this.#stopProbing();
    this.#mode = 'open';
    if (this.#line.count > 0) this.#log.info('the backbone stores again', { unstored: this.#line.count });
    this.#pump();
  }

  #sweep(): void {
    this.#sweeps += 1;
    if (this.#sweeps === STALLED_SWEEPS) this.#options.stalled('nothing was confirmed for half a second');
    const { oldest } = this.#line;
    if (this.#mode !== 'open' || oldest === undefined || oldest.sentAt === 0) return;
    const waitedMs = performance.now() - oldest.sentAt;
    if (waitedMs > this.#options.answerTimeoutMs) this.#hold(`no answer for ${Math.round(waitedMs)} ms`);
  }

  /** The server names the subject only; refusals come in the order of the publishes. */
  #denied(subject: string): void {
    const entry = this.#line.sentTo(subject);
    if (entry === undefined) return;
    const error = new ParleyError('BACKBONE_DENIED', `the backbone does not let us publish to ${subject}`, {
      fix: 'Give this NATS user the permission to publish there.',
    });
    this.#settle(entry, { kind: 'refused', error });
  }
}

/** `NATS/1.0`, one header line and the line ends around the id. */
const HEADER_BYTES = 64;
const HEADER_VALUE = /^[\x21-\x7e]{1,128}$/;

function unavailable(message: string): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', message, {
    fix: 'Start the gateway and its backbone again, then send the event again.',
  });
}
