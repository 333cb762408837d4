import type { Logger } from '../log.js';
import type { NodeState } from './types.js';

/** How often a wait that goes on is told. */
const REMIND_MS = 30_000;

/** The state of a node, and those who wait for it to be ready. */
export class Waiting {
  readonly #log: Logger;
  readonly #listeners = new Set<(state: NodeState) => void>();
  #state: NodeState = { kind: 'down' };
  #toldAt = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  get state(): NodeState {
    return this.#state;
  }

  onState(listener: (state: NodeState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with the reason of the first signal that is aborted. */
  ready(...signals: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state.kind === 'ready') return resolve();
      const over = signals.find(({ aborted }) => aborted);
      if (over !== undefined) return reject(over.reason);
      const forget = this.onState((state) => {
        if (state.kind !== 'ready') return;
        end();
        resolve();
      });
      const aborted = (): void => {
        end();
        reject(signals.find((signal) => signal.aborted)?.reason);
      };
      const end = (): void => {
        forget();
        for (const signal of signals) signal.removeEventListener('abort', aborted);
      };
      // On each of them: Node 20 may collect an `AbortSignal.timeout` that only an `AbortSignal.any` listens to.
      for (const signal of signals) signal.addEventListener('abort', aborted);
    });
  }

  usable(): void {
    if (this.#state.kind === 'waiting') this.#log.info('the streams can be used');
    this.#become({ kind: 'ready' });
  }

  seen(up: number, members: number): void {
    const { kind } = this.#state;
    const changed = kind !== 'waiting' || this.#state.up !== up || this.#state.members !== members;
    if (!changed && performance.now() - this.#toldAt < REMIND_MS) return;
    this.#toldAt = performance.now();
    const enough = up > members / 2;
    const what = enough
      ? `waiting for a leader; ${up} of ${members} nodes are up`
      : `waiting for ${members - up} of ${members} nodes`;
    this.#log.info(what, { up, members });
    if (changed) this.#become({ kind: 'waiting', up, members });
  }

  down(): void {
    this.#become({ kind: 'down' });
  }

  #become(state: NodeState): void {
    if (this.#state.kind === 'down' && state.kind === 'down') return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
