import type { Capabilities } from '../bridge.js';
import { timeOfDay } from '../clock.js';
import type { Stage } from '../trace/index.js';
import type { ChannelQueue } from './channel-queue.js';
import type { Counters } from './counters.js';
import { digestOf } from './digest.js';
import type { Reference } from './reference.js';
import type { Utterance } from './utterance.js';

export interface PreparationOptions {
  readonly capabilities: Capabilities;
  readonly counters: Counters;
  readonly maxAgeMs: () => number;
  readonly render: (utterance: Utterance, maxBytes: number) => Utterance['rendered'];
  /** What it answers, edits or deletes, as far as that is known at once. */
  readonly peekReference: (utterance: Utterance) => Reference | undefined;
  /** The same, looked up; never rejects. */
  readonly findReference: (utterance: Utterance) => Promise<Reference>;
  /** Another gateway has said it, as was heard after it came. */
  readonly saidLately: (utterance: Utterance) => boolean;
  /** Takes note of what becomes of it. */
  readonly traced: (utterance: Utterance, stage: Stage, detail: string) => void;
  /** False while more of the log is still to come: a digest waits for all of it. */
  readonly caughtUp: () => boolean;
}

export interface PreparationPorts {
  /** Bytes that the connection takes at once in a channel now; undefined: as its capabilities say. */
  readonly roomFor: (channel: string, type: string) => number | undefined;
  /** Called when a channel that waited for what its next utterance refers to waits no more. */
  readonly ready: (queue: ChannelQueue) => void;
}

/** Makes ready what a channel says next: not too old, with what it refers to, and rendered. */
export class Preparation {
  readonly #options: PreparationOptions;
  readonly #ports: PreparationPorts;

  constructor(options: PreparationOptions, ports: PreparationPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** There is something to say, or it is time to tell what was skipped. */
  isDue(queue: ChannelQueue): boolean {
    return queue.sendable || this.#digestIsDue(queue);
  }

  /** The utterance whose next part is to be sent, rendered; null when the channel has nothing to send now. */
  next(queue: ChannelQueue): Utterance | null {
    const { counters, traced } = this.#options;
    while (queue.sendable) {
      const head = queue.head();
      if (head === undefined) break;
      if (head.rendered !== null) return head;
      if (hasExpired(head)) {
        queue.dropHead();
        counters.drop('expired');
        traced(head, 'dropped', 'expired');
        head.settle();
      } else if (this.#isSaid(head)) {
        queue.dropHead();
        counters.drop('duplicate');
        traced(head, 'dropped', 'duplicate');
        head.settle();
      } else if (this.#isTooOld(head)) {
        queue.dropHead();
        queue.skipped.add(head);
        counters.digested += 1;
        traced(head, 'digested', '');
      } else if (queue.skipped.size > 0) {
        queue.pushFront(digestOf(queue));
      } else if (!this.#refer(queue, head)) {
        return null;
      } else if (this.#render(head)) {
        return head;
      } else {
        queue.dropHead();
        head.settle();
      }
    }
    if (!this.#digestIsDue(queue)) return null;
    const digest = digestOf(queue);
    queue.pushFront(digest);
    return digest;
  }

  #digestIsDue(queue: ChannelQueue): boolean {
    return queue.skipped.size > 0 && !queue.held && queue.inFlight === 0 && this.#options.caughtUp();
  }

  #isSaid(utterance: Utterance): boolean {
    return utterance.attempts === 0 && this.#options.saidLately(utterance);
  }

  #isTooOld({ event, attempts }: Utterance): boolean {
    return attempts === 0 && timeOfDay() - Date.parse(event.time) > this.#options.maxAgeMs();
  }

  /**
   * False while it is not known what the utterance refers to: its channel waits meanwhile. What is still unconfirmed
   * may be just that message, so the backbone is asked only once nothing is.
   */
  #refer(queue: ChannelQueue, utterance: Utterance): boolean {
    const { peekReference, findReference } = this.#options;
    utterance.reference ??= peekReference(utterance);
    if (utterance.reference !== undefined) return true;
    queue.referring = true;
    if (queue.inFlight > 0) return false;
    findReference(utterance).then((found) => {
      utterance.reference = found;
      queue.referring = false;
      this.#ports.ready(queue);
    });
    return false;
  }

  #render(utterance: Utterance): boolean {
    const { capabilities, counters, render, traced } = this.#options;
    const maxBytes =
      this.#ports.roomFor(utterance.target.channel, utterance.event.type) ?? capabilities.maxBytes;
    utterance.rendered ??= render(utterance, maxBytes);
    if (utterance.rendered === null) {
      counters.drop('empty');
      traced(utterance, 'dropped', 'empty');
      return false;
    }
    utterance.todo = [...utterance.rendered.parts.keys()];
    utterance.natives = null;
    return true;
  }
}

/** It is of no use any more, and no digest counts it. What may have been said in part is finished. */
function hasExpired({ event, attempts }: Utterance): boolean {
  const { expirytime } = event;
  return attempts === 0 && expirytime !== undefined && timeOfDay() > Date.parse(expirytime);
}
