import { deferred } from './deferred.js';
import { faultOfClosing, faultOfSocket, lost } from './faults.js';

/** How one connection ends: the first cause counts. */
export class Ending {
  readonly #where: string;
  readonly #closed = deferred<void>();
  /** Null error: we wanted it. */
  #cause: { readonly error: Error | null } | null = null;
  /** What the server said with ERROR. */
  #said: string | null = null;

  constructor(where: string) {
    this.#where = where;
  }

  /** Resolves when the socket has closed because we wanted it to, rejects with what else ended it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get begun(): boolean {
    return this.#cause !== null;
  }

  /** False when it had begun already. */
  begin(error: Error | null): boolean {
    if (this.#cause !== null) return false;
    this.#cause = { error };
    return true;
  }

  heard(said: string): void {
    this.#said ??= said;
  }

  /** The error that the words of the server mean. */
  get fault(): Error {
    return faultOfClosing(this.#said ?? '');
  }

  /** The socket is gone. Returns the error that ended it, or null. `settle` comes after. */
  finish(error: NodeJS.ErrnoException | null): Error | null {
    this.#cause ??= { error: this.#guess(error) };
    return this.#cause.error;
  }

  settle(): void {
    const error = this.#cause?.error ?? null;
    if (error === null) this.#closed.resolve();
    else this.#closed.reject(error);
  }

  #guess(error: NodeJS.ErrnoException | null): Error {
    if (this.#said !== null) return this.fault;
    const fault = error === null ? null : faultOfSocket(error, this.#where);
    return fault ?? lost(`${this.#where}: the server closed the connection`);
  }
}
