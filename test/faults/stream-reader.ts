/** Follows a room's stream (Server-Sent Events) at one gateway after the other, and resumes where it stopped. */
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { TOKEN } from './gateway.js';
import { type Line, lineIn } from './line.js';

const RETRY_MS = 100;

export interface StreamHeard extends Line {
  readonly atMs: number;
  readonly late: boolean;
}

export class StreamReader {
  onHeard: (heard: StreamHeard) => void = () => {};
  readonly #room: string;
  /** Base URLs, the preferred first. */
  readonly #gateways: readonly string[];
  #turn = 0;
  #after = '0';
  #request: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #over = false;

  constructor(room: string, gateways: readonly string[]) {
    this.#room = room;
    this.#gateways = gateways;
    this.#connect();
  }

  get open(): boolean {
    return this.#response !== null;
  }

  /** Takes nothing any more until `listen`: the gateway's socket fills up. */
  deafen(): void {
    this.#response?.pause();
  }

  listen(): void {
    this.#response?.resume();
  }

  close(): void {
    this.#over = true;
    this.#request?.destroy();
  }

  #connect(): void {
    const url = `${this.#gateways[this.#turn % this.#gateways.length]}/v1/rooms/${this.#room}/stream`;
    const headers = { authorization: `Bearer ${TOKEN}`, 'last-event-id': this.#after };
    const request = get(url, { headers, agent: false }, (response) => this.#opened(response));
    this.#request = request;
    request.on('error', () => {}); // its close follows
    request.on('close', () => this.#again());
  }

  #again(): void {
    this.#response = null;
    this.#turn += 1;
    if (!this.#over) setTimeout(() => this.#connect(), RETRY_MS);
  }

  #opened(response: IncomingMessage): void {
    response.setEncoding('utf8');
    if (response.statusCode !== 200) {
      response.resume();
      return;
    }
    this.#response = response;
    let rest = '';
    response.on('error', () => {}); // its close follows
    response.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    });
  }

  #take(block: string): void {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data === undefined) return;
    const event = JSON.parse(data) as { data: { text?: string } };
    const place = /^id: (.*)$/m.exec(block)?.[1];
    this.#after = place ?? this.#after;
    const found = lineIn(event.data.text ?? '');
    if (found !== null) this.onHeard({ ...found, atMs: performance.now(), late: place === undefined });
  }
}
