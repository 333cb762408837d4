/** What a peer needs of the test that starts it: an AVA context has it, and so can a benchmark. */
export interface TestContext {
  /** Registered callbacks run in reverse order, awaited one by one. */
  teardown(callback: () => void | Promise<void>): void;
  readonly passed?: boolean;
  log?(...values: readonly string[]): void;
}
