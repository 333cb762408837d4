/**
 * Notices a server that lives and does nothing.
 *
 * Problem: nats-server 2.9.10 locks itself up for good when its disk is full: clients connect, nothing is stored, SIGTERM
 * does not end it, and space that is made later does not help. Started again it stores all that waited. Idea: one
 * connection proves that it lives (a ping), another asks about the room log; the ping answered before and after each
 * question that was not, for `limitMs`, is the proof. Why safe: a frozen or overloaded server, or one that is away,
 * misses the ping first, and the count begins anew; so does a question that was answered, with whatever.
 * What it cannot do: make room on the disk. It is for a node alone: in a cluster the others go on meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type BusAddress, openProbe, type Probe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';

/** Each question, and each pause before one, takes this part of the limit. */
const SHARE = 10;

export interface WatchdogSource {
  readonly address: BusAddress;
  readonly stream: string;
  readonly limitMs: number;
  readonly deaf: (quietMs: number) => void;
}

/** Resolves once it was found deaf; rejects when the signal is aborted. */
export async function watchOver(source: WatchdogSource, signal: AbortSignal, log: Logger): Promise<void> {
  const { limitMs, deaf } = source;
  const stepMs = limitMs / SHARE;
  const eyes = new Eyes(source, stepMs, log);
  try {
    for (let quietMs = 0; quietMs < limitMs; ) {
      await pause(stepMs, undefined, { signal });
      const answered = await eyes.look();
      signal.throwIfAborted();
      quietMs = answered ? 0 : quietMs + 2 * stepMs;
    }
    deaf(limitMs);
  } finally {
    await eyes.close();
  }
}

class Eyes {
  readonly #source: WatchdogSource;
  readonly #stepMs: number;
  readonly #log: Logger;
  #living: Probe | null = null;
  /** Of its own: the server reads nothing more from a connection whose question it cannot answer. */
  #asking: Probe | null = null;

  constructor(source: WatchdogSource, stepMs: number, log: Logger) {
    this.#source = source;
    this.#stepMs = stepMs;
    this.#log = log;
  }

  /** False only when the server lives, and did not answer. */
  async look(): Promise<boolean> {
    try {
      this.#living ??= await openProbe(this.#source.address, this.#log);
      if (!(await this.#living.pings(this.#stepMs))) return true;
      this.#asking ??= await openProbe(this.#source.address, this.#log);
      if (await this.#asking.knows(this.#source.stream, this.#stepMs)) return true;
      await this.#asking.close();
      this.#asking = null;
      return !(await this.#living.pings(this.#stepMs));
    } catch (error) {
      this.#log.debug('cannot ask the server yet', { reason: reasonOf(error) });
      return true;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#living?.close(), this.#asking?.close()]);
  }
}
