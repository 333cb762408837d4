/**
 * Puts work off to the end of this turn of the event loop, in order.
 *
 * What people wait for (a line on its way to another network) leaves first; encoding and storing come right after. And
 * the events of many sockets that became readable together travel in one write to the server.
 */
export class Turn {
  #work: (() => void)[] = [];
  #scheduled: NodeJS.Immediate | null = null;

  get size(): number {
    return this.#work.length;
  }

  defer(action: () => void): void {
    this.#work.push(action);
    this.#scheduled ??= setImmediate(() => this.finish());
  }

  /** Does at once what was put off. */
  finish(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    const work = this.#work;
    this.#work = [];
    for (const action of work) action();
  }
}
