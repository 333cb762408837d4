import type { z } from 'zod';

/** What the config needs to know of a kind of bridge. A `Bridge` (src/bridge.ts, one floor up) is one. */
export interface BridgeSpec {
  readonly kind: string;
  readonly config: z.ZodType;
  readonly channelOptions?: z.ZodType;
  /** What is wrong with a channel address, or null. */
  checkChannel(channel: string): string | null;
}
