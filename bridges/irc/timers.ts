/** The timers of one connection: none fires after its end. */
export interface Timers {
  /** Returns how to cancel it. */
  after(delayMs: number, action: () => void): () => void;
  /** Cancels all; later ones never start. */
  clear(): void;
}

export function timers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  let over = false;
  return {
    after(delayMs, action) {
      if (over) return () => {};
      const timer = setTimeout(() => {
        running.delete(timer);
        action();
      }, delayMs);
      running.add(timer);
      return () => {
        clearTimeout(timer);
        running.delete(timer);
      };
    },
    clear() {
      over = true;
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
