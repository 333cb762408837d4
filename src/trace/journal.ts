/**
 * What happened to the latest events of this process, and where it is found again after a restart.
 *
 * Problem: every line makes half a dozen steps, thousands of lines come in a second, and hardly any is ever asked
 * about. Idea: a step goes into a ring in memory and is done; a moment later all new ones are written to a file in
 * one piece. Two files of limited size take turns, and a question reads both from end to end. Safe because nothing
 * waits for the file, and a file that cannot be written costs the trace, never a message. What it cannot do: keep
 * the steps of the last moment before a crash, or those older than what both files hold.
 */

import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { decodeStep, encodeStep, type Note, type Step } from './step.js';

export interface JournalOptions {
  /** Created when it is not there; null: nothing is written, and a restart forgets. */
  readonly directory: string | null;
  readonly log: Logger;
  /** Bytes of both files together. Default 32 MiB. */
  readonly maxBytes?: number;
}

const CAPACITY = 16_384;
const WRITE_AFTER_MS = 200;
const MAX_BYTES = 32 * 1024 * 1024;
const PRIVATE = 0o600;

export class Journal {
  readonly #options: JournalOptions;
  readonly #ring: (Step | undefined)[] = new Array(CAPACITY);
  /** Steps noted, and steps written, since the start: `n` is at `n % CAPACITY`. */
  #noted = 0;
  #written = 0;
  #bytes: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Bound, so that it can be handed on alone. */
  readonly note: Note = (event, stage, network, channel, detail) => {
    this.#ring[this.#noted % CAPACITY] = { at: Date.now(), event, stage, network, channel, detail };
    this.#noted += 1;
    if (this.#options.directory === null) return;
    if (this.#noted - this.#written === CAPACITY / 2) this.#write();
    this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  };

  /** The steps of one event, oldest first. */
  async find(event: string): Promise<readonly Step[]> {
    await this.#write();
    const { directory } = this.#options;
    const kept = this.#ring.filter((step) => step !== undefined && step.event === event) as Step[];
    if (directory === null || this.#failed) return kept.sort((a, b) => a.at - b.at);
    const [older, newer] = [
      await stepsIn(join(directory, OLDER), event),
      await stepsIn(join(directory, NEWER), event),
    ];
    return [...older, ...newer];
  }

  /** Writes what is noted. */
  stop(): Promise<void> {
    return this.#write();
  }

  /** One write after the other; never rejects. */
  #write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const lines = this.#take();
    const { directory } = this.#options;
    if (lines !== '' && directory !== null)
      this.#writing = this.#writing.then(() => this.#append(directory, lines));
    return this.#writing;
  }

  #take(): string {
    let lines = '';
    for (let n = Math.max(this.#written, this.#noted - CAPACITY); n < this.#noted; n += 1) {
      const step = this.#ring[n % CAPACITY];
      if (step !== undefined) lines += encodeStep(step);
    }
    this.#written = this.#noted;
    return lines;
  }

  async #append(directory: string, lines: string): Promise<void> {
    const { log, maxBytes = MAX_BYTES } = this.#options;
    const file = join(directory, NEWER);
    try {
      this.#bytes ??= await sizeOf(directory, file);
      if (this.#bytes >= maxBytes / 2) {
        await rename(file, join(directory, OLDER));
        this.#bytes = 0;
      }
      await appendFile(file, lines, { mode: PRIVATE });
      this.#bytes += Buffer.byteLength(lines);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log.warn('the trace is not written', { file, reason: reasonOf(error) });
      this.#failed = true;
      this.#bytes = null;
    }
  }
}

const NEWER = 'trace.jsonl';
const OLDER = 'trace.1.jsonl';

async function sizeOf(directory: string, file: string): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function stepsIn(file: string, event: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const input = createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const step = line.includes(event) ? decodeStep(line) : null;
      if (step?.event === event) steps.push(step);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return steps;
}
