/**
 * What nats-server says, read line by line from a file that it writes.
 *
 * Why no pipe: when Parley is killed, the server is told to end (program.ts), and a Go program that then writes to a
 * stderr which nobody reads is ended by SIGPIPE on the spot, before it has written down what was acknowledged in the
 * last 100 ms. All that would be said again.
 */
import { closeSync, constants, ftruncateSync, openSync, readSync } from 'node:fs';

/** While somebody waits for the server to be ready. */
const EAGER_MS = 5;
const RELAXED_MS = 2_000;
/** The file is emptied past this, when all of it has been read. */
const LONGEST_BYTES = 1024 * 1024;
const CHUNK_BYTES = 16 * 1024;

// Appending, so that the server goes on at the start of an emptied file.
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;

export class ServerLog {
  /** For the server to write to. */
  readonly fd: number;
  readonly #onLine: (line: string) => void;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #position = 0;
  #rest = '';
  /** A server that ends while it is being started is closed before its starter has relaxed. */
  #closed = false;
  #timer: NodeJS.Timeout;

  constructor(path: string, onLine: (line: string) => void) {
    this.fd = openSync(path, FLAGS, 0o600);
    this.#onLine = onLine;
    this.#timer = setInterval(() => this.#read(), EAGER_MS);
  }

  /** From now on somebody waits for a line. */
  hurry(): void {
    clearInterval(this.#timer);
    if (this.#closed) return;
    this.#timer = setInterval(() => this.#read(), EAGER_MS);
  }

  /** From now on nobody waits for a line. */
  relax(): void {
    clearInterval(this.#timer);
    if (this.#closed) return;
    this.#timer = setInterval(() => this.#read(), RELAXED_MS).unref();
  }

  /** Reads what is there, then no more. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#closed) return;
    this.#closed = true;
    this.#read();
    closeSync(this.fd);
  }

  #read(): void {
    for (;;) {
      const length = readSync(this.fd, this.#chunk, 0, CHUNK_BYTES, this.#position);
      if (length === 0) break;
      this.#position += length;
      this.#take(this.#chunk.toString('utf8', 0, length));
    }
    if (this.#position <= LONGEST_BYTES) return;
    ftruncateSync(this.fd);
    this.#position = 0;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }
}
