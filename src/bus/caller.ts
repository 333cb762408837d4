/** Asking a gateway without touching any stream. */
import { ParleyError, reasonOf } from '../errors.js';
import { connectFirst, connectionOptions } from './connection.js';
import { request, requestAll } from './services.js';
import { Subjects } from './subjects.js';
import type { BusAddress } from './types.js';

export interface Caller {
  /** As `Bus.request`. */
  request<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<Answer>;
  /** As `Bus.requestAll`. */
  requestAll<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

export interface CallerOptions {
  readonly address: BusAddress;
  readonly prefix: string;
  /** First token of the reply subjects; default `_INBOX`. */
  readonly inbox?: string;
}

/** One connection, which does not reconnect. Throws BACKBONE_UNAVAILABLE. */
export async function openCaller({ address, prefix, inbox }: CallerOptions): Promise<Caller> {
  try {
    const options = await connectionOptions(address, 'parley caller');
    const own = inbox === undefined ? {} : { inboxPrefix: inbox };
    const nats = await connectFirst({ ...options, ...own, reconnect: false });
    const subjects = new Subjects(prefix);
    return {
      request: (verb, body, timeoutMs) => request(nats, subjects.verb(verb), body, timeoutMs),
      requestAll: (verb, body, timeoutMs) => requestAll(nats, subjects.verb(verb), body, timeoutMs),
      close: () => nats.close(),
    };
  } catch (error) {
    throw new ParleyError(
      'BACKBONE_UNAVAILABLE',
      `cannot reach ${address.servers.join(', ')}: ${reasonOf(error)}`,
      { fix: 'Check that the gateway there runs and that nothing blocks the port.', cause: error },
    );
  }
}
