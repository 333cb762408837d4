/**
 * Whoever looks after nats-servers that Parley does not manage: does for them what a node does for its own
 * (docs/cluster.md), with the same code. A server whose copy of the room log is not that of the others comes back empty,
 * and networks read again what it may have led them past.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import { type Holdings, Subjects } from '../../src/bus/index.js';
import { beginSecondReadings } from '../../src/bus/second-reading.js';
import { silentLogger } from '../../src/log.js';
import { Comparison } from '../../src/node/comparison.js';
import { Misled, type Stretches } from '../../src/node/misled.js';
import { whyNeeded } from '../../src/node/spare.js';
import type { NatsServer } from './backbone.js';

const STREAM = 'ROOMS';
const EVERY_MS = 1000;
const LOOKS = 20;
const PATIENCE_MS = 30_000;

export class Operator {
  /** When networks began to read a stretch of the log again, by `performance.now`. */
  readonly readings: number[] = [];
  readonly #servers: readonly NatsServer[];
  readonly #say: (line: string) => void;
  readonly #ending = new AbortController();
  #comparison = new Comparison(STREAM);
  #misled = new Misled(STREAM, '');
  #working: Promise<void> = Promise.resolve();
  #away = false;

  constructor(servers: readonly NatsServer[], say: (line: string) => void) {
    this.#servers = servers;
    this.#say = say;
    void this.#watch();
  }

  /** Touches nothing until `back`: somebody else does. Resolves when what was begun is done. */
  async leave(): Promise<void> {
    this.#away = true;
    await this.#working;
  }

  back(): void {
    this.#away = false;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#working;
  }

  async #watch(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await pause(EVERY_MS, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
      if (this.#away || this.#ending.signal.aborted) continue;
      this.#working = this.#look().catch((error: unknown) => this.#say(`operator: ${String(error)}`));
      await this.#working;
    }
  }

  async #look(): Promise<void> {
    const names = this.#servers.map(({ name }) => name);
    this.#comparison.round(await this.#holdings(), names);
    for (let i = 1; i < LOOKS; i++) {
      const answers = await this.#holdings();
      this.#comparison.add(answers);
      for (const stretches of this.#misled.look(answers, names, this.#comparison))
        await this.#readAgain(stretches);
    }
    const odd = this.#servers.find(({ name }) => this.#comparison.isOdd(name, names));
    if (odd !== undefined) await this.#renew(odd);
  }

  async #renew(server: NatsServer): Promise<void> {
    const startedMs = performance.now();
    await server.kill();
    await this.#lookForMisled();
    let reason: string | null = 'not asked';
    while (reason !== null && performance.now() - startedMs < PATIENCE_MS) {
      await pause(200);
      reason = whyNeeded(await this.#holdings(), server.name, [STREAM]);
    }
    if (reason === null) await server.empty();
    await server.start();
    this.#comparison = new Comparison(STREAM);
    this.#misled = new Misled(STREAM, '');
    const outcome = reason === null ? 'comes anew' : `stays as it is: ${reason}`;
    this.#say(`operator: the copy of ${server.name} is not that of the others, and ${outcome}`);
  }

  async #lookForMisled(): Promise<void> {
    const names = this.#servers.map(({ name }) => name);
    for (const stretches of this.#misled.look(await this.#holdings(), names, this.#comparison))
      await this.#readAgain(stretches);
  }

  async #readAgain(stretches: Stretches): Promise<void> {
    const servers = this.#servers.filter(({ running }) => running).map(({ port }) => `127.0.0.1:${port}`);
    const subjects = new Subjects('parley');
    const nats = await connect({ servers, ignoreClusterUpdates: true });
    try {
      const manager = await nats.jetstreamManager({ checkAPI: false, timeout: 1000 });
      const goingOn = () => !nats.isClosed();
      this.readings.push(performance.now());
      await beginSecondReadings({ manager, subjects, log: silentLogger, goingOn }, stretches);
      this.#say(`operator: networks read again from ${Math.min(...stretches.values())} on`);
    } finally {
      await nats.close();
    }
  }

  async #holdings(): Promise<readonly Holdings[]> {
    return (await Promise.all(this.#servers.map((server) => server.holdings()))).flat();
  }
}
