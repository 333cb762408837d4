/** What a network did since its start; every dropped event is in `dropped` with its reason. */
export class Counters {
  received = 0;
  stored = 0;
  delivered = 0;
  dead = 0;
  /** Skipped by age and told in a digest line. */
  digested = 0;
  reconnects = 0;
  readonly dropped = new Map<string, number>();

  drop(reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  snapshot(): CounterSnapshot {
    const { received, stored, delivered, dead, digested, reconnects } = this;
    return {
      received,
      stored,
      delivered,
      dead,
      digested,
      reconnects,
      dropped: Object.fromEntries(this.dropped),
    };
  }
}

export interface CounterSnapshot {
  readonly received: number;
  readonly stored: number;
  readonly delivered: number;
  readonly dead: number;
  readonly digested: number;
  readonly reconnects: number;
  readonly dropped: Readonly<Record<string, number>>;
}
