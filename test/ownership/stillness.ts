/**
 * Tells a machine that stood still from a defect: how long this process, whose wires all gateways use, was not given
 * the processor, or a server took to say its first word. What is dead says so at once and counts for nothing.
 */
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 100;

export interface Server {
  readonly name: string;
  readonly port: number;
  /** What makes it speak; null: it speaks first, as nats-server does. */
  readonly question: string | null;
}

export class Stillness {
  #longest = { who: 'nobody', ms: 0 };
  #watching = true;

  constructor() {
    void this.#watchItself();
  }

  get longest(): { readonly who: string; readonly ms: number } {
    return this.#longest;
  }

  /** Asks it again and again until `end`. */
  watch(server: Server): void {
    void this.#watchServer(server);
  }

  end(): void {
    this.#watching = false;
  }

  async #watchItself(): Promise<void> {
    while (this.#watching) {
      const startMs = performance.now();
      await pause(EVERY_MS);
      this.#note('the test', performance.now() - startMs - EVERY_MS);
    }
  }

  async #watchServer(server: Server): Promise<void> {
    while (this.#watching) {
      const startMs = performance.now();
      await firstWord(server);
      this.#note(server.name, performance.now() - startMs);
      await pause(EVERY_MS);
    }
  }

  #note(who: string, ms: number): void {
    if (ms > this.#longest.ms) this.#longest = { who, ms: Math.round(ms) };
  }
}

/** Resolves when the server has said something, or nobody is there. */
function firstWord({ port, question }: Server): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    if (question !== null) socket.write(question);
    socket.on('error', () => {}); // its close follows
    socket.once('data', () => socket.destroy());
    socket.once('close', () => resolve());
  });
}
