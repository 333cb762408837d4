/** Asking servers how they are, before a bus can be used. */
import { JSONCodec, type NatsConnection } from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { connectFirst, connectionOptions } from './connection.js';
import { askEveryServer } from './every-server.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { type ServerView, viewIn } from './server-view.js';
import type { BusAddress } from './types.js';

const REMOVE_MS = 10_000;
/** JSClusterServerNotMemberErr */
const NOT_A_MEMBER = 10_044;

const codec = JSONCodec();

/** One connection; asks nothing by itself. */
export interface Probe {
  /** Streams can be used: the leader of JetStream is known and answers. `/healthz` says so without a majority, too. */
  answers(timeoutMs: number): Promise<boolean>;
  /** Names of the servers that answer within `windowMs`. Only for a user of the system account. */
  servers(windowMs: number): Promise<readonly string[]>;
  /**
   * The same with what each tells of itself; earlier when so many have answered as are `expected`. Only for a user of the
   * system account.
   */
  views(windowMs: number, expected?: number): Promise<readonly ServerView[]>;
  /**
   * A server that is gone for good, by name: counts no longer for the majority, and its copies are made elsewhere.
   * False: no such server is known. Only for a user of the system account. Throws BACKBONE_UNAVAILABLE.
   */
  removePeer(server: string): Promise<boolean>;
  /** The server lives and reads what this connection sends. */
  pings(timeoutMs: number): Promise<boolean>;
  /** It says something about this stream, be it that there is none. */
  knows(stream: string, timeoutMs: number): Promise<boolean>;
  /** What each server has that answers within `windowMs`, or each of the first `servers`. Only for a user of the system account. */
  holdings(windowMs: number, servers?: number): Promise<readonly Holdings[]>;
  close(): Promise<void>;
}

/** Throws what the client throws. Reconnects by itself, as every connection of this folder. */
export async function openProbe(address: BusAddress, log: Logger): Promise<Probe> {
  const nats = await connectFirst(await connectionOptions(address, 'parley probe'));
  void nats.closed().then((error) => {
    if (error instanceof Error) log.debug('a probe ended', { reason: error.message });
  });
  return {
    answers: (timeoutMs) => hasLeader(nats, timeoutMs),
    servers: async (windowMs) => [
      ...new Set((await askEveryServer(nats, 'PING', {}, windowMs)).map(({ name }) => name)),
    ],
    views: async (windowMs, expected) => {
      const wanted = { streams: true };
      return (await askEveryServer(nats, 'PING.JSZ', wanted, windowMs, expected)).map(viewIn);
    },
    removePeer: (server) => removePeer(nats, server),
    pings: (timeoutMs) => inTime(nats.flush(), timeoutMs),
    knows: (stream, timeoutMs) =>
      inTime(
        nats.request(`$JS.API.STREAM.INFO.${stream}`, new Uint8Array(), { timeout: timeoutMs }),
        timeoutMs,
      ),
    holdings: (windowMs, servers) => holdingsOf(nats, windowMs, servers),
    close: () => nats.close(),
  };
}

/** In a cluster only the leader answers, and a server that knows of none says so. */
async function hasLeader(nats: NatsConnection, timeoutMs: number): Promise<boolean> {
  try {
    const { data } = await nats.request('$JS.API.INFO', new Uint8Array(), { timeout: timeoutMs });
    return (codec.decode(data) as { readonly error?: unknown }).error === undefined;
  } catch {
    return false;
  }
}

/** Whether it resolves by then. */
async function inTime(answer: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const came = answer.then(
    () => true,
    () => false,
  );
  return await Promise.race([came, late]).finally(() => clearTimeout(timer));
}

async function removePeer(nats: NatsConnection, peer: string): Promise<boolean> {
  try {
    const { data } = await nats.request('$JS.API.SERVER.REMOVE', codec.encode({ peer }), {
      timeout: REMOVE_MS,
    });
    const { error } = codec.decode(data) as { readonly error?: { err_code: number; description: string } };
    if (error === undefined) return true;
    if (error.err_code !== NOT_A_MEMBER) throw new Error(error.description);
    return false;
  } catch (error) {
    throw new ParleyError('BACKBONE_UNAVAILABLE', `${peer} cannot be removed: ${reasonOf(error)}`, {
      fix: 'A majority of the servers must be up and have a leader; try again in a moment.',
      cause: error,
    });
  }
}
