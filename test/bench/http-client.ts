import { connect, type Socket } from 'node:net';

interface Exchange {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * POSTs over one kept-alive connection, one at a time, with as little work as can be: node's own client would take
 * as much of the machine as the server that is measured.
 */
class Line {
  readonly #socket: Socket;
  #open: Exchange | null = null;
  #received = '';

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  send(request: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#open = { resolve, reject };
      this.#socket.write(request);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = this.#received.slice(9, 12);
    this.#received = '';
    const open = this.#open;
    this.#open = null;
    if (status === '202') open?.resolve();
    else open?.reject(new Error(`POST: ${status}`));
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    const open = this.#open;
    this.#open = null;
    open?.reject(error);
  }
}

export class BenchPoster {
  readonly #port: number;
  readonly #token: string;
  #idle: Line[] = [];

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** Resolves when answered 202; takes a free connection or opens one. */
  async post(room: string, text: string): Promise<void> {
    this.#idle = this.#idle.filter((line) => line.usable);
    const line = this.#idle.pop() ?? new Line(this.#port);
    const body = JSON.stringify({ text });
    await line.send(
      `POST /v1/rooms/${room}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${this.#token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    this.#idle.push(line);
  }

  close(): void {
    for (const line of this.#idle) line.destroy();
  }
}
