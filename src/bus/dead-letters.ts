import { headers, type JetStreamClient, type JetStreamManager, JSONCodec, type Msg } from 'nats';
import { isNotFound } from './api-errors.js';
import type { Ask } from './ask.js';
import type { LogReader } from './log-reader.js';
import type { Subjects } from './subjects.js';
import type { DeadLetter, DeadLetters } from './types.js';

const codec = JSONCodec<DeadLetter>();

export interface DeadLetterSource {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly reader: LogReader;
  readonly subjects: Subjects;
  readonly ask: Ask;
}

const WHAT = 'dead letters';

/** What no network would take, in the stream DEAD, one subject per network. */
export class DeadLetterBox implements DeadLetters {
  readonly #source: DeadLetterSource;

  constructor(source: DeadLetterSource) {
    this.#source = source;
  }

  /** The same event is kept once per network and channel within the duplicate window. */
  async put(letter: DeadLetter): Promise<void> {
    const { client, subjects, ask } = this.#source;
    const head = headers();
    head.set(
      'Nats-Msg-Id',
      [letter.network, letter.channel, letter.event.id].map(encodeURIComponent).join('/'),
    );
    await ask(WHAT, () => {
      return client.publish(subjects.dead(letter.network), codec.encode(letter), { headers: head });
    });
  }

  /** The newest `limit`, oldest first. */
  async list(
    network: string | null,
    limit: number,
  ): Promise<readonly (DeadLetter & { readonly sequence: number })[]> {
    const { reader, ask } = this.#source;
    const entries = await ask(WHAT, () => {
      return reader.backward(this.#subject(network), Number.POSITIVE_INFINITY, limit);
    });
    return entries.flatMap(({ sequence, message }) => {
      const letter = read(message);
      return letter === null ? [] : [{ ...letter, sequence }];
    });
  }

  get(sequence: number): Promise<DeadLetter | null> {
    const { manager, subjects } = this.#source;
    return this.#found(null, async () => {
      return read(await manager.streams.getMessage(subjects.deadStream, { seq: sequence }));
    });
  }

  drop(sequence: number): Promise<boolean> {
    const { manager, subjects } = this.#source;
    return this.#found(false, () => manager.streams.deleteMessage(subjects.deadStream, sequence, false));
  }

  async dropAll(network: string | null): Promise<number> {
    const { manager, subjects, ask } = this.#source;
    const answer = await ask(WHAT, () => {
      return manager.streams.purge(subjects.deadStream, { filter: this.#subject(network) });
    });
    return answer.purged;
  }

  #found<Result>(otherwise: Result, exchange: () => Promise<Result>): Promise<Result> {
    return this.#source.ask(WHAT, async () => {
      try {
        return await exchange();
      } catch (error) {
        if (isNotFound(error)) return otherwise;
        throw error;
      }
    });
  }

  #subject(network: string | null): string {
    return network === null ? this.#source.subjects.everyDead : this.#source.subjects.dead(network);
  }
}

function read(message: Pick<Msg, 'data'>): DeadLetter | null {
  try {
    return codec.decode(message.data);
  } catch {
    return null;
  }
}

/** For a box that is there only once the backbone was reached: `box` throws before. */
export function lateDeadLetters(box: () => DeadLetters): DeadLetters {
  return {
    put: async (letter) => box().put(letter),
    list: async (network, limit) => box().list(network, limit),
    get: async (sequence) => box().get(sequence),
    drop: async (sequence) => box().drop(sequence),
    dropAll: async (network) => box().dropAll(network),
  };
}
