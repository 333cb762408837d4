/**
 * The tokens of the bucket as they were known last, on the disk of this machine, for a start while the backbone is away.
 *
 * Only hashes are kept, readable by the owner only. A token that was revoked while this gateway could not hear of it is
 * let in, as by a gateway that runs when the backbone goes away. So what is older than a day is not believed any more.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { isTokenRecord, type TokenRecord } from './tokens.js';

const BELIEVED_MS = 24 * 60 * 60_000;

export class TokenCache {
  readonly #file: string;
  readonly #log: Logger;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** Null: there are none, or they are too old. Whatever else the file holds counts as none. */
  async read(nowMs = Date.now()): Promise<readonly TokenRecord[] | null> {
    try {
      const { at, tokens } = JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, unknown>;
      const age = nowMs - Date.parse(String(at));
      if (!(Math.abs(age) < BELIEVED_MS) || !Array.isArray(tokens) || !tokens.every(isTokenRecord))
        return null;
      return tokens;
    } catch {
      return null;
    }
  }

  /** As known at this moment. Never rejects: without it only a start without the backbone is the worse. */
  write(tokens: readonly TokenRecord[]): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write({ at: new Date().toISOString(), tokens }));
    return this.#writing;
  }

  async #write(content: unknown): Promise<void> {
    const draft = `${this.#file}.${process.pid}`;
    try {
      await rm(draft, { force: true });
      await writeFile(draft, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
      await rename(draft, this.#file);
    } catch (error) {
      this.#log.debug('tokens were not kept for a start without the backbone', { reason: reasonOf(error) });
    }
  }
}
