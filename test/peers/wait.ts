import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** Completes the sentence "waited 20000 ms for …". */
  readonly what: string;
  /** @default 20000 */
  readonly deadlineMs?: number;
  /** Time between two looks. @default 5 */
  readonly everyMs?: number;
}

type Falsy = false | null | undefined | 0 | '';

/** Looks again and again; resolves to the first truthy answer of `condition`, rejects when the deadline passed. */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  options: UntilOptions,
): Promise<Exclude<Value, Falsy>> {
  const { what, deadlineMs = 20_000, everyMs = 5 } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<Value, Falsy>;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(everyMs);
  }
}

/** The promise's own outcome, or a rejection when it takes longer than `deadlineMs`. */
export async function within<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
  what: string,
): Promise<Value> {
  const timer = new AbortController();
  const late = pause(deadlineMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${deadlineMs} ms for ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => {});
    timer.abort();
  }
}
