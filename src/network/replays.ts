import type { DeadLetter, DeadLetters } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Target } from '../routing/index.js';
import { type Utterance, utteranceOf } from './utterance.js';

export interface ReplaysOptions {
  readonly network: string;
  readonly dead: Pick<DeadLetters, 'get' | 'drop'>;
  /** True while a room attaches the channel. */
  readonly attaches: (channel: string) => boolean;
  /** The place behind all that waits now. */
  readonly nextOrder: () => number;
  readonly enqueue: (utterance: Utterance) => void;
  readonly log: Logger;
  /** How long a caller waits for the network's answer. */
  readonly waitMs?: number;
}

const WAIT_MS = 10_000;

/**
 * Says dead letters again. A letter leaves the box only once it is said: refused again it stays as it is, and one
 * that waits for the network is in the queue once, however often it is asked for.
 */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #saying = new Map<number, Promise<void>>();

  constructor(options: ReplaysOptions) {
    this.#options = options;
  }

  /**
   * Resolves once the letter is said and gone. Throws NOT_FOUND, DELIVERY_FAILED when it was refused again, and
   * NETWORK_UNAVAILABLE when it still waits: then it stays in the queue.
   */
  async replay(sequence: number): Promise<void> {
    const { promise: late, cancel } = this.#late(sequence);
    try {
      await Promise.race([this.#saying.get(sequence) ?? this.#begin(sequence), late]);
    } finally {
      cancel();
    }
  }

  #begin(sequence: number): Promise<void> {
    const saying = this.#say(sequence).finally(() => this.#saying.delete(sequence));
    this.#saying.set(sequence, saying);
    // Nobody may be waiting any more.
    saying.catch((error: unknown) => {
      this.#options.log.warn('dead letter not replayed', { sequence, reason: reasonOf(error) });
    });
    return saying;
  }

  async #say(sequence: number): Promise<void> {
    const { dead, nextOrder, enqueue } = this.#options;
    const letter = await this.#find(sequence);
    await new Promise<void>((said, failed) => {
      const refused = (reason: string) => failed(this.#refusedAgain(letter, reason));
      const utterance = utteranceOf(letter.event, targetOf(letter), nextOrder(), said, refused);
      // Asked for by a person, so never too old.
      utterance.attempts = 1;
      enqueue(utterance);
    });
    await dead.drop(sequence);
  }

  async #find(sequence: number): Promise<DeadLetter> {
    const { dead, network, attaches } = this.#options;
    const letter = await dead.get(sequence);
    if (letter === null || letter.network !== network) {
      throw new ParleyError('NOT_FOUND', `${network}: no dead letter ${sequence}`, {
        fix: 'See `parley dead list`.',
      });
    }
    if (attaches(letter.channel)) return letter;
    throw new ParleyError('NOT_FOUND', `${network}: no room attaches ${letter.channel} any more`, {
      fix: 'Attach the channel to a room again, or drop the dead letter.',
    });
  }

  #refusedAgain({ network, channel }: DeadLetter, reason: string): ParleyError {
    return new ParleyError('DELIVERY_FAILED', `${network} ${channel}: refused again: ${reason}`, {
      fix: 'Mend the reason, then replay it once more; the dead letter stays until it is said.',
    });
  }

  #late(sequence: number): { readonly promise: Promise<never>; readonly cancel: () => void } {
    const { network, waitMs = WAIT_MS } = this.#options;
    let cancel: () => void = () => {};
    const promise = new Promise<never>((_, reject) => {
      const text = `${network}: dead letter ${sequence} waits in the queue: not said within ${waitMs} ms`;
      const late = () =>
        reject(
          new ParleyError('NETWORK_UNAVAILABLE', text, {
            fix: 'See `parley status` for the network; the dead letter stays until it is said.',
          }),
        );
      const timer = setTimeout(late, waitMs);
      cancel = () => clearTimeout(timer);
    });
    return { promise, cancel };
  }
}

function targetOf({ network, channel, event }: DeadLetter): Target {
  return { network, channel, room: event.subject };
}
