/** Since when each owner has been known. */
export interface Sighting {
  readonly owner: string;
  readonly epoch: number;
  readonly since: Date;
}

export class Sightings {
  readonly #seen = new Map<string, Sighting>();

  /** What is known after a look at who owns the network now. */
  look(network: string, owner: { readonly gateway: string; readonly epoch: number } | null): Sighting | null {
    if (owner === null) {
      this.#seen.delete(network);
      return null;
    }
    const before = this.#seen.get(network);
    if (before?.owner === owner.gateway && before.epoch === owner.epoch) return before;
    const seen = { owner: owner.gateway, epoch: owner.epoch, since: new Date() };
    this.#seen.set(network, seen);
    return seen;
  }
}
