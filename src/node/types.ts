import type { BusAddress } from '../bus/index.js';

/** The managed nats-server of this machine. */
export interface Node {
  readonly address: BusAddress;
  /** Of the nats-server; changes when it is restarted. */
  readonly pid: number;
  readonly version: string;
  /** How often it died and was started again. */
  readonly restarts: number;
  /** Settles once: resolves when the node has stopped. */
  readonly closed: Promise<void>;
  /** Ends the nats-server cleanly: what it has is on disk when this resolves. */
  stop(): Promise<void>;
}
