import type { Socket } from 'node:net';

/**
 * What waits for the socket.
 *
 * All that is sent in one turn of the event loop leaves in one write, and while the socket is full it waits here, where
 * an urgent line (PONG, registration) can still pass it and where it is known to be unsent. What is sent can never
 * be more than one line of the protocol: CR, LF and NUL do not pass.
 */
export class Outbox {
  readonly #socket: Socket;
  #urgent = '';
  #lines: string[] = [];
  #callbacks: (() => void)[] = [];
  #scheduled = false;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(line: string, onWritten?: () => void): void {
    this.#lines.push(oneLine(line));
    if (onWritten !== undefined) this.#callbacks.push(onWritten);
    this.#schedule();
  }

  sendUrgent(line: string): void {
    this.#urgent += `${oneLine(line)}\r\n`;
    this.#schedule();
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#closed || (this.#urgent === '' && this.#lines.length === 0)) return;
    const urgent = this.#urgent;
    this.#urgent = '';
    const { text, callbacks } = this.#socket.writableNeedDrain ? NOTHING : this.#takeLines();
    if (urgent + text !== '') this.#socket.write(urgent + text);
    for (const callback of callbacks) callback();
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true;
  }

  #takeLines(): Batch {
    const text = this.#lines.length > 0 ? `${this.#lines.join('\r\n')}\r\n` : '';
    const callbacks = this.#callbacks;
    this.#lines = [];
    this.#callbacks = [];
    return { text, callbacks };
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Once all sockets that are readable now have been read: their lines leave in the same write.
    setImmediate(() => this.flush());
  }
}

interface Batch {
  readonly text: string;
  readonly callbacks: readonly (() => void)[];
}

const NOTHING: Batch = { text: '', callbacks: [] };

/** Never more than one line of the protocol. */
function oneLine(line: string): string {
  return /[\r\n\0]/.test(line) ? line.replace(/[\r\n\0]+/g, ' ') : line;
}
