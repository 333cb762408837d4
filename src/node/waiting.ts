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

  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state.kind === 'ready') return resolve();
      if (signal.aborted) return reject(signal.reason);
      const forget = this.onState((state) => {
        if (state.kind !== 'ready') return;
        end();
        resolve();
      });
      const aborted = (): void => {
        end();
        reject(signal.reason);
      };
      const end = (): void => {
        forget();
        signal.removeEventListener('abort', aborted);
      };
      signal.addEventListener('abort', aborted);
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
    this.#log.info(`waiting for ${members - up} of ${members} nodes`, { up, members });
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
