/**
 * Says what waits for one network, through whatever connection it has now.
 *
 * Order: within a channel everything leaves in the order it came, also after a lost connection. Fairness: channels
 * take turns, one part each, so a long paste in one never silences another. Flood control: one token a part. Few are out
 * at once (window.ts). Nothing is given up here silently: an utterance ends as said, dead-lettered, told in a digest, or
 * empty after rendering.
 */
import type { Connection } from '../bridge.js';
import { DeliveryError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Target } from '../routing/index.js';
import { type Answer, keepName, sentDetail, stepOf } from './answer.js';
import { ChannelQueue } from './channel-queue.js';
import { Preparation, type PreparationOptions } from './preparation.js';
import { NEW } from './reference.js';
import type { TokenBucket } from './token-bucket.js';
import { countUnknown, messageOf, type Utterance } from './utterance.js';
import type { Window } from './window.js';

export interface DispatcherOptions extends PreparationOptions {
  readonly bucket: TokenBucket;
  readonly window: Window;
  readonly log: Logger;
  /** Called before it is settled, when the network gave its parts ids. */
  readonly named: (utterance: Utterance, natives: readonly (string | null)[]) => void;
  /** Stores the dead letter; the utterance is settled only after it. */
  readonly bury: (utterance: Utterance, reason: string) => Promise<void>;
  /** False once another gateway might own the network: then nothing is said any more. */
  readonly maySpeak: () => boolean;
}

/** Before the key of a person's queue: no channel has it in its address. */
const PERSON = '\0';
/** A part with the answer "maybe sent" is tried once more; after that a person decides. */
const MAX_UNKNOWNS = 2;
const FIRST_HOLD_MS = 2_000;
const LONGEST_HOLD_MS = 60_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #preparation: Preparation;
  readonly #channels = new Map<string, ChannelQueue>();
  #round: ChannelQueue[] = [];
  #connection: Connection | null = null;
  /** Parts on the wire. */
  #inFlight = 0;
  /** Utterances with such parts. */
  #out = 0;
  /** Counts connections, so that one lost connection is one "maybe sent", whatever the number of parts. */
  #epoch = 0;
  #tokenTimer: NodeJS.Timeout | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#preparation = new Preparation(options, {
      roomFor: (channel, type) => this.#connection?.roomFor?.(channel, type),
      ready: (queue) => {
        this.#schedule(queue);
        this.#pump();
      },
    });
  }

  enqueue(utterance: Utterance): void {
    const queue = this.#queueOf(utterance.target);
    queue.push(utterance);
    this.#schedule(queue);
    this.#pump();
  }

  connected(connection: Connection): void {
    this.#connection = connection;
    this.#epoch += 1;
    for (const queue of this.#channels.values()) this.#unhold(queue);
    this.#pump();
  }

  /** The connection settles every open `deliver` itself, so nothing else is to be done. */
  disconnected(): void {
    this.#connection = null;
  }

  /** The channel can take messages again. */
  release(channel: string): void {
    const queue = this.#channels.get(channel);
    if (queue !== undefined) this.#release(queue);
  }

  /** Tells what was too old, in channels where nothing newer did. */
  flushDigests(): void {
    for (const queue of this.#channels.values()) this.#schedule(queue);
    this.#pump();
  }

  /** So many more of what was said here are known to another gateway. None: it is not waited for any more. */
  told(known: number): void {
    const sinceMs = this.#round[0]?.head()?.sinceMs;
    if (known > 0 && sinceMs !== undefined) this.#options.window.turned(sinceMs);
    this.#pump();
  }

  /** Limits changed. */
  refresh(): void {
    this.#pump();
  }

  queued(): { readonly waiting: number; readonly inFlight: number; readonly held: readonly string[] } {
    const queues = [...this.#channels.values()];
    return {
      waiting: queues.reduce((sum, queue) => sum + queue.length, 0),
      inFlight: this.#inFlight,
      held: queues.filter((queue) => queue.held).map((queue) => queue.channel),
    };
  }

  stop(): void {
    this.#connection = null;
    if (this.#tokenTimer !== null) clearTimeout(this.#tokenTimer);
    for (const queue of this.#channels.values()) this.#unhold(queue);
  }

  #queueOf({ channel, private: isPrivate }: Target): ChannelQueue {
    // A person's queue is forgotten once it is empty, see `#answered`: there are more of them than channels.
    const key = isPrivate === true ? `${PERSON}${channel}` : channel;
    let queue = this.#channels.get(key);
    if (queue === undefined) {
      queue = new ChannelQueue(channel);
      this.#channels.set(key, queue);
    }
    return queue;
  }

  #forgetPerson(queue: ChannelQueue): void {
    const key = `${PERSON}${queue.channel}`;
    if (queue.length === 0 && queue.inFlight === 0 && this.#channels.get(key) === queue)
      this.#channels.delete(key);
  }

  #schedule(queue: ChannelQueue): void {
    if (queue.scheduled || !this.#preparation.isDue(queue)) return;
    queue.scheduled = true;
    this.#round.push(queue);
  }

  #pump(): void {
    const { capabilities, maySpeak } = this.#options;
    while (this.#connection !== null && this.#inFlight < capabilities.inFlight && maySpeak()) {
      const queue = this.#round[0];
      if (queue === undefined) {
        this.#options.window.emptied();
        return;
      }
      const next = this.#preparation.next(queue);
      if (next !== null && !(this.#admits(next) && this.#takeToken())) return;
      this.#round.shift();
      queue.scheduled = false;
      if (next !== null) this.#send(this.#connection, queue, next);
      this.#schedule(queue);
    }
  }

  /** What is out already is not more out with one more part. */
  #admits({ inFlight }: Utterance): boolean {
    return inFlight > 0 || this.#options.window.admits(this.#out);
  }

  #takeToken(): boolean {
    const { bucket } = this.#options;
    if (bucket.take()) return true;
    this.#tokenTimer ??= setTimeout(() => {
      this.#tokenTimer = null;
      this.#pump();
    }, bucket.waitMs());
    return false;
  }

  #send(connection: Connection, queue: ChannelQueue, utterance: Utterance): void {
    const part = utterance.todo.shift() ?? 0;
    if (utterance.todo.length === 0) queue.dropHead();
    // A change that is refused is said in words, and in its place: what comes behind waits for the verdict.
    if (utterance.todo.length === 0 && utterance.rendered?.acts !== undefined) queue.referring = true;
    this.#inFlight += 1;
    queue.inFlight += 1;
    if (utterance.inFlight === 0) this.#out += 1;
    utterance.inFlight += 1;
    utterance.attempts += 1;
    const { rendered } = utterance;
    this.#options.traced(utterance, 'sent', sentDetail(rendered, part));
    connection.deliver(messageOf(utterance, part)).then(
      (receipt) => this.#answered(queue, utterance, { part, rendered, receipt }),
      (error: unknown) => this.#answered(queue, utterance, { part, rendered, error }),
    );
  }

  #answered(queue: ChannelQueue, utterance: Utterance, answer: Answer): void {
    this.#inFlight -= 1;
    queue.inFlight -= 1;
    utterance.inFlight -= 1;
    if (utterance.inFlight === 0) this.#out -= 1;
    // Rendered anew meanwhile: this part is no part of it any more.
    const isStale = utterance.rendered !== answer.rendered;
    if (!isStale) keepName(utterance, answer);
    this.#options.traced(utterance, ...stepOf(answer));
    // The answer may have named what the next one refers to.
    if (queue.inFlight === 0) queue.referring = false;
    if (!utterance.over) {
      if (answer.receipt === undefined && !isStale) this.#failed(queue, utterance, answer.error, answer.part);
      else if (utterance.todo.length === 0 && utterance.inFlight === 0) this.#said(queue, utterance);
    }
    queue.mergeReturned();
    this.#schedule(queue);
    this.#forgetPerson(queue);
    this.#pump();
  }

  #said(queue: ChannelQueue, utterance: Utterance): void {
    queue.holds = 0;
    utterance.over = true;
    this.#options.counters.delivered += 1;
    if (utterance.natives !== null) this.#options.named(utterance, utterance.natives);
    utterance.settle();
  }

  #failed(queue: ChannelQueue, utterance: Utterance, error: unknown, part: number): void {
    const outcome = error instanceof DeliveryError ? error.outcome : 'unknown';
    if (outcome === 'unknown') countUnknown(utterance, part, this.#epoch);
    if (outcome === 'rejected' && utterance.rendered?.acts !== undefined) {
      // What it refers to is gone, or too old to be changed: said as a message of its own.
      utterance.reference = NEW;
      utterance.rendered = null;
      queue.giveBack(utterance, part);
      return;
    }
    if (outcome === 'rejected' || utterance.unknowns >= MAX_UNKNOWNS) {
      queue.remove(utterance);
      this.#bury(utterance, reasonOf(error));
      return;
    }
    queue.giveBack(utterance, part);
    if (this.#connection !== null) this.#hold(queue);
  }

  /** The parts not yet sent are dropped with the rejected one: half a message helps nobody. */
  #bury(utterance: Utterance, reason: string): void {
    utterance.over = true;
    const buried = () => {
      this.#options.traced(utterance, 'dead', reason);
      utterance.settle();
    };
    this.#options.bury(utterance, reason).then(buried, (error: unknown) => {
      this.#options.log.error('dead letter not stored yet', { reason: reasonOf(error) });
      setTimeout(() => this.#bury(utterance, reason), FIRST_HOLD_MS).unref();
    });
  }

  /** A channel that cannot take anything now waits, longer each time, or until the bridge says it is whole. */
  #hold(queue: ChannelQueue): void {
    if (queue.held) return;
    queue.held = true;
    const holdMs = Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** queue.holds);
    queue.holds += 1;
    queue.holdTimer = setTimeout(() => this.#release(queue), holdMs);
  }

  #release(queue: ChannelQueue): void {
    if (!queue.held) return;
    this.#unhold(queue);
    this.#pump();
  }

  #unhold(queue: ChannelQueue): void {
    if (queue.holdTimer !== null) clearTimeout(queue.holdTimer);
    queue.holdTimer = null;
    queue.held = false;
    queue.mergeReturned();
    this.#schedule(queue);
  }
}
