import { ParleyError } from '../errors.js';
import { ownEvent, type ParleyEvent } from '../message/index.js';
import type { Target } from '../routing/index.js';
import { type Utterance, utteranceOf } from './utterance.js';

export interface WhispersOptions {
  readonly network: string;
  /** Whether the bridge can say something to one person alone. */
  readonly possible: boolean;
  readonly nextOrder: () => number;
  readonly enqueue: (utterance: Utterance) => void;
}

/** Who asks for more than this has to wait for what was said: their lines would keep the others' tokens. */
const MAX_WAITING = 40;

/**
 * Says something to one person alone, or in one channel alone, in turn with all else and under the same flood limit.
 * Nothing of it is stored: an answer that the connection loses is asked for again.
 */
export class Whispers {
  readonly #options: WhispersOptions;
  readonly #waiting = new Map<string, number>();

  constructor(options: WhispersOptions) {
    this.#options = options;
  }

  /**
   * Resolves once the network has taken it. Throws DELIVERY_FAILED when it was refused, or where nobody can be spoken
   * to alone; OUTBOX_FULL when this person has too much waiting.
   */
  whisper(person: string, text: string): Promise<void> {
    const { network, possible } = this.#options;
    if (!possible) {
      throw new ParleyError('DELIVERY_FAILED', `${network}: nothing can be said to one person alone`, {
        fix: 'Say it in a channel.',
      });
    }
    const target: Target = { network, channel: person, room: '', private: true };
    return this.#say(target, text, 'They may have left the network.');
  }

  /** In one channel, and nowhere else: no room hears of it. As `whisper`. */
  sayIn(channel: string, text: string): Promise<void> {
    const target: Target = { network: this.#options.network, channel, room: '' };
    return this.#say(target, text, 'See `parley status` for what is wrong with the channel.');
  }

  #say(target: Target, text: string, fix: string): Promise<void> {
    const { network, nextOrder, enqueue } = this.#options;
    const { channel } = target;
    const waiting = this.#waiting.get(channel) ?? 0;
    if (waiting >= MAX_WAITING) {
      throw new ParleyError('OUTBOX_FULL', `${network}: ${waiting} answers wait for ${channel}`, {
        fix: 'Wait until they are said.',
      });
    }
    this.#waiting.set(channel, waiting + 1);
    return new Promise<void>((said, failed) => {
      const refused = (reason: string) =>
        failed(new ParleyError('DELIVERY_FAILED', `${network}: not said to ${channel}: ${reason}`, { fix }));
      enqueue(utteranceOf(unstored(target, text), target, nextOrder(), said, refused));
    }).finally(() => this.#done(channel));
  }

  #done(person: string): void {
    const left = (this.#waiting.get(person) ?? 1) - 1;
    if (left > 0) this.#waiting.set(person, left);
    else this.#waiting.delete(person);
  }
}

function unstored({ network, channel }: Target, text: string): ParleyEvent {
  const author = { id: 'gateway', name: network, verified: true };
  return ownEvent({ type: 'command.reply', room: '', author, text, channel, hops: [network] });
}
