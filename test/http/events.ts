/** Clients that read a room's stream: Server-Sent Events and WebSocket. */
import type { ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import type { ParleyEvent } from '../../src/message/index.js';
import type { Stage } from './fixtures.js';

export type StreamEvent = ParleyEvent & { readonly sequence: string };

export interface SseBlock {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

export interface StreamReader {
  /** The next event; rejects when none comes within ten seconds or the stream ends. */
  next(): Promise<StreamEvent>;
  take(count: number): Promise<readonly StreamEvent[]>;
  /** Resolves when the server ended the stream, with a WebSocket's close code. */
  readonly ended: Promise<number>;
  close(): void;
}

export interface SseReader extends StreamReader {
  readonly response: Response;
  /** Every block as it came, comments too. */
  readonly blocks: readonly SseBlock[];
}

/** Resolves once the stream is open: what is stored later will come. */
export async function openSse(
  t: ExecutionContext,
  stage: Stage,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SseReader> {
  const abort = new AbortController();
  t.teardown(() => abort.abort());
  const response = await stage.request(path, { headers, signal: abort.signal });
  if (response.status !== 200 || response.body === null) throw new Error(`stream: ${response.status}`);
  const blocks: SseBlock[] = [];
  const queue = new EventQueue();
  const ended = readBlocks(response.body, (block) => {
    blocks.push(block);
    if (block.data !== undefined) queue.push(JSON.parse(block.data) as StreamEvent);
  }).then(() => queue.end(0));
  return { ...queue.reader(), ended, response, blocks, close: () => abort.abort() };
}

export async function openWebSocket(
  t: ExecutionContext,
  stage: Stage,
  path: string,
  protocols: readonly string[] = [],
): Promise<StreamReader & { readonly socket: WebSocket }> {
  const headers = protocols.length > 0 ? {} : { authorization: `Bearer ${stage.token}` };
  const socket = new WebSocket(stage.http.address.replace('http', 'ws') + path, [...protocols], { headers });
  t.teardown(() => socket.terminate());
  const queue = new EventQueue();
  socket.on('message', (data) => queue.push(JSON.parse(String(data)) as StreamEvent));
  const ended = new Promise<number>((resolve) => {
    socket.once('close', (code) => resolve(queue.end(code)));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { ...queue.reader(), ended, socket, close: () => socket.close() };
}

const DEADLINE_MS = 10_000;

class EventQueue {
  readonly #events: StreamEvent[] = [];
  #wake: () => void = () => {};
  #over = false;

  push(event: StreamEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  end(code: number): number {
    this.#over = true;
    this.#wake();
    return code;
  }

  reader(): Pick<StreamReader, 'next' | 'take'> {
    return {
      next: () => this.#next(),
      take: async (count) => {
        const events: StreamEvent[] = [];
        while (events.length < count) events.push(await this.#next());
        return events;
      },
    };
  }

  async #next(): Promise<StreamEvent> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#over || performance.now() > deadline) throw new Error('no further event');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, DEADLINE_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

async function readBlocks(body: ReadableStream<Uint8Array>, got: (block: SseBlock) => void): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) got(parseBlock(block));
    }
  } catch {
    // Aborted by the test, or cut off by the server: both are the end.
  }
}

function parseBlock(text: string): SseBlock {
  const fields = text.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([a-z]*):? ?(.*)$/.exec(line) ?? [];
    return [name === '' ? 'comment' : name, value] as const;
  });
  return Object.fromEntries(fields);
}
