/** One gateway of a run: a process that can be killed, frozen, cut off from the backbone or given another time. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram } from '../gateway/program.js';
import { type PeerProcess, type TcpProxy, type TestContext, until } from '../peers/index.js';
import type { Clock } from './clock.js';

export const TOKEN = 'parley_faults';
const READY_MS = 60_000;

export interface GatewayPlace {
  readonly name: string;
  /** On the disk of its node. */
  readonly directory: string;
  readonly httpPort: number;
  /** Its ways to the nats-servers, the one of its own node first. */
  readonly wires: readonly TcpProxy[];
  readonly clock: Clock | null;
}

export class Gateway {
  readonly name: string;
  readonly url: string;
  #process: PeerProcess | null = null;
  /** Of the processes before this one. */
  #earlier = '';

  constructor(
    readonly t: TestContext,
    readonly place: GatewayPlace,
  ) {
    this.name = place.name;
    this.url = `http://127.0.0.1:${place.httpPort}`;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  async write(config: string): Promise<void> {
    await writeFile(join(this.place.directory, 'parley.yaml'), config);
  }

  /** Resolves once the process runs; `ready` waits for more. */
  async start(): Promise<void> {
    const { name, directory, clock } = this.place;
    if (this.#process !== null) this.#earlier += `${this.#process.log()}\n── started again\n`;
    this.#process = await startProgram(this.t, {
      name,
      directory,
      config: join(directory, 'parley.yaml'),
      nodeArgs: ['--max-semi-space-size=4'],
      ...(clock === null ? {} : { env: clock.env }),
    });
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    await answer?.text().catch(() => '');
    return answer?.ok === true;
  }

  /** Names of the networks that this gateway is connected to. */
  async connected(): Promise<readonly string[]> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${this.url}/v1/networks`, { headers, signal: AbortSignal.timeout(2000) });
    const { networks } = (await answer.json()) as { networks: readonly { network: string; state: string }[] };
    return networks.filter(({ state }) => state === 'connected').map(({ network }) => network);
  }

  async ready(): Promise<void> {
    const alive = async () => {
      if (!this.running) throw new Error(`${this.name} ended:\n${this.log(15)}`);
      return await this.isReady();
    };
    await until(alive, { what: `${this.name} to be ready`, deadlineMs: READY_MS, everyMs: 50 });
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.signal(name);
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGTERM, and gone when the promise resolves. */
  async stop(): Promise<void> {
    await this.#process?.stop(20_000);
  }

  /** All that it wrote over all its starts, or the last `lines` of the current one. */
  log(lines?: number): string {
    const current = this.#process?.log(lines) ?? '';
    return lines === undefined ? this.#earlier + current : current;
  }

  /** A page of a room's log behind a sequence; throws when this gateway cannot answer. */
  async history(room: string, after: number): Promise<readonly LoggedMessage[]> {
    const answer = await fetch(`${this.url}/v1/rooms/${room}/messages?after=${after}&limit=500`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`${this.name}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as readonly LoggedMessage[];
  }
}

export interface LoggedMessage {
  readonly sequence: string;
  readonly type: string;
  readonly data: { readonly text?: string };
}
