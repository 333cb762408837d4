/**
 * What may happen once among all gateways, such as redeeming a code.
 *
 * Problem: at a replicated bucket of nats-server 2.9.10, several who `update` one key at a time may all win. Idea: a
 * stream that takes one message per subject and refuses the second (`discard_new_per_subject`), and a subject per name.
 * Why it is safe: each copy of the stream refuses by itself, in the order that all copies agree on. Whose answer was
 * lost asks again: the stream then has their own mark. What it cannot do: remember for longer than `KEPT_MS`; a name
 * must not be used again after that, so take one with an id or a hash in it.
 */
import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  NatsError,
  nanos,
  StorageType,
  type StreamConfig,
} from 'nats';
import { newId } from '../message/index.js';
import { isNameTaken, isNotFound, isUnanswered } from './api-errors.js';
import type { Ask } from './ask.js';
import { patiently } from './patiently.js';
import type { Subjects } from './subjects.js';

export interface OnceSource {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly subjects: Subjects;
  /** Null: one copy, or as many as it has. */
  readonly replicas: number | null;
  readonly ask: Ask;
  readonly connected: () => boolean;
}

const KEPT_MS = 7 * 24 * 60 * 60_000;
const ANSWER_MS = 1000;

export class Once {
  readonly #source: OnceSource;
  #made: Promise<void> | null = null;

  constructor(source: OnceSource) {
    this.#source = source;
  }

  /** True for one of all calls with this name. Throws BACKBONE_UNAVAILABLE: nobody knows then whether it was used. */
  async first(name: string): Promise<boolean> {
    const { ask, connected } = this.#source;
    const mark = newId();
    return ask(`once ${name}`, async () => {
      this.#made ??= this.#make();
      try {
        await this.#made;
      } catch (error) {
        this.#made = null;
        throw error;
      }
      return patiently(() => this.#claim(name, mark), connected);
    });
  }

  async #claim(name: string, mark: string): Promise<boolean> {
    const { client, manager, subjects } = this.#source;
    const subject = subjects.once(name);
    try {
      await client.publish(subject, mark, { timeout: ANSWER_MS });
      return true;
    } catch (error) {
      if (!isTaken(error)) throw error;
      const { data } = await manager.streams.getMessage(subjects.onceStream, { last_by_subj: subject });
      return new TextDecoder().decode(data) === mark;
    }
  }

  async #make(): Promise<void> {
    const { manager, subjects, replicas } = this.#source;
    const found = await patiently(() => this.#find(), this.#source.connected);
    if (found === null) {
      await patiently(() => this.#add(), this.#source.connected);
    } else if (replicas !== null && found.num_replicas < replicas) {
      await manager.streams.update(subjects.onceStream, { ...found, num_replicas: replicas });
    }
  }

  async #find(): Promise<StreamConfig | null> {
    const { manager, subjects } = this.#source;
    try {
      return (await manager.streams.info(subjects.onceStream)).config;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** Of several who make it at the same moment, a cluster of 2.9.10 may leave one without an answer. */
  async #add(): Promise<void> {
    const { manager, subjects, replicas } = this.#source;
    try {
      await manager.streams.add({
        name: subjects.onceStream,
        subjects: [subjects.everyOnce],
        storage: StorageType.File,
        max_msgs_per_subject: 1,
        discard: DiscardPolicy.New,
        discard_new_per_subject: true,
        max_age: nanos(KEPT_MS),
        num_replicas: replicas ?? 1,
      });
    } catch (error) {
      if (!(isNameTaken(error) || isUnanswered(error)) || (await this.#find()) === null) throw error;
    }
  }
}

/** It comes as a 503 with the code of any failure to store (10077): only the words tell. */
function isTaken(error: unknown): boolean {
  const { description = '' } = (error instanceof NatsError && error.api_error) || {};
  return description.includes('maximum messages per subject');
}
