/**
 * What a gateway says of itself while nobody can ask it over the backbone: a file beside its spool that `parley status`
 * reads instead. Written anew every second, so one that is older tells of a gateway that stands still or is gone.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParleyConfig } from '../config/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { writePrivately } from '../node/index.js';
import type { GatewayStatus } from './view.js';

const EVERY_MS = 1000;
const STALE_MS = 10_000;

/** A directory that belongs to this gateway alone, or null. */
export function privateDirectory({ node, spool }: ParleyConfig): string | null {
  return node?.store ?? spool?.path ?? null;
}

/** The status that the gateway of this config left less than ten seconds ago, or null: none is away from its backbone. */
export async function readAwayNote(config: ParleyConfig): Promise<GatewayStatus | null> {
  const directory = privateDirectory(config);
  if (directory === null) return null;
  try {
    const { at, status } = JSON.parse(await readFile(fileIn(directory), 'utf8')) as AwayNoteFile;
    return Math.abs(Date.now() - Date.parse(at)) < STALE_MS ? status : null;
  } catch {
    return null;
  }
}

interface AwayNoteFile {
  readonly at: string;
  readonly status: GatewayStatus;
}

export class AwayNote {
  readonly #file: string;
  readonly #status: () => GatewayStatus;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();
  #isThere = true;

  constructor(directory: string, status: () => GatewayStatus, log: Logger) {
    this.#file = fileIn(directory);
    this.#status = status;
    this.#log = log;
    this.#timer = setInterval(() => this.look(), EVERY_MS).unref();
    this.look();
  }

  /** Writes it while the backbone is away, and takes it away when it is back. */
  look(): void {
    this.#working = this.#working
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#log.debug('the status was not written to a file', { reason: reasonOf(error) });
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
    await this.#remove();
  }

  async #write(): Promise<void> {
    const status = this.#status();
    if (status.absence === null) return this.#remove();
    const note: AwayNoteFile = { at: new Date().toISOString(), status };
    await writePrivately(this.#file, JSON.stringify(note));
    this.#isThere = true;
  }

  async #remove(): Promise<void> {
    if (!this.#isThere) return;
    await rm(this.#file, { force: true });
    this.#isThere = false;
  }
}

function fileIn(directory: string): string {
  return join(directory, 'away.json');
}
