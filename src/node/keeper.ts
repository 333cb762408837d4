/** Keeps one nats-server running: when it dies it is started again, with pauses that grow while it keeps dying. */
import { reasonOf } from '../errors.js';
import type { Child } from './child.js';
import { type Launched, launch, type Runner } from './launch.js';
import type { Plan } from './plan.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;
/** A server that ran this long was well: the next restart is quick again. */
const WELL_AFTER_MS = 30_000;

export interface KeeperHooks {
  /** How to start it after a death. */
  plan(): Promise<Plan>;
  began(): void;
  /** It runs no more; another one may follow. */
  ended(): void;
}

export class Keeper {
  /** Settles once: resolves when it has been stopped. */
  readonly closed: Promise<void>;
  readonly #runner: Runner;
  readonly #hooks: KeeperHooks;
  #running: Launched;
  #restarts = 0;
  #stopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #wake: () => void = () => {};
  /** The server was ended on purpose, to start it in another way: settles when that one runs, or could not be started. */
  #replacing: Promise<void> | null = null;
  /** A start after a death is under way. */
  #starting: Promise<void> | null = null;

  constructor(runner: Runner, running: Launched, hooks: KeeperHooks) {
    this.#runner = runner;
    this.#running = running;
    this.#hooks = hooks;
    this.closed = this.#supervise();
  }

  get running(): Launched {
    return this.#running;
  }

  /** How often it was started again because it died, or was of no use. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The running server follows this plan now. */
  follows(plan: Plan): void {
    this.#running = { ...this.#running, plan };
  }

  /** Ends the server and starts it as `next` says; a failure is tried again as after a death. */
  async replace(next: () => Promise<Plan>, graceMs?: number): Promise<void> {
    let done: () => void = () => {};
    this.#replacing = new Promise((resolve) => {
      done = resolve;
    });
    // It may just have died: two must never be on one store.
    this.#wake();
    await this.#starting;
    try {
      await this.#running.child.stop(graceMs);
      this.#hooks.ended();
      const plan = await next();
      if (!this.#stopping) this.#began(await launch(this.#runner, plan));
    } finally {
      this.#replacing = null;
      done();
    }
  }

  /** Ends it, and starts it as after a death. */
  async restart(child: Child, graceMs?: number): Promise<void> {
    if (this.#stopping || this.#running.child !== child) return;
    this.#restarts += 1;
    await this.replace(() => this.#hooks.plan(), graceMs);
  }

  /** `end` makes the server end. */
  async stop(end: (child: Child) => Promise<void>): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await end(this.#running.child);
    await this.closed;
  }

  #began(running: Launched): void {
    this.#running = running;
    this.#runner.log.info('nats-server runs again', { pid: running.child.pid, restarts: this.#restarts });
    this.#hooks.began();
  }

  async #supervise(): Promise<void> {
    while (!this.#stopping) {
      const startedAt = performance.now();
      const { child } = this.#running;
      const how = await child.exited;
      if (this.#stopping) break;
      if (this.#replacing !== null) await this.#replacing;
      if (this.#stopping) break;
      if (this.#running.child !== child) continue;
      this.#hooks.ended();
      if (performance.now() - startedAt > WELL_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      this.#runner.log.error('nats-server died', { how, restartInMs: this.#backoffMs });
      await this.#startAgain();
    }
    // A restart may have been under way when `stop` was called.
    await this.#replacing;
    await this.#running.child.stop();
    this.#hooks.ended();
  }

  /** Until it runs again, or somebody replaces it. */
  async #startAgain(): Promise<void> {
    const { child } = this.#running;
    while (this.#mayStart && this.#running.child === child) {
      await this.#pause(this.#backoffMs);
      this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
      if (!this.#mayStart) return;
      this.#starting = this.#startOnce();
      await this.#starting;
      this.#starting = null;
    }
  }

  get #mayStart(): boolean {
    return !this.#stopping && this.#replacing === null;
  }

  async #startOnce(): Promise<void> {
    try {
      const running = await launch(this.#runner, await this.#hooks.plan());
      this.#restarts += 1;
      this.#began(running);
    } catch (error) {
      this.#runner.log.error('cannot start nats-server again', {
        reason: reasonOf(error),
        retryMs: this.#backoffMs,
      });
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
