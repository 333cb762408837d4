/** Asking servers how they are, before a bus can be used. */
import { JSONCodec, type NatsConnection, RequestStrategy } from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { connectFirst, connectionOptions } from './connection.js';
import { type Holdings, holdingsOf } from './holdings.js';
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

/** What a server says of itself, not what a leader says of it. */
export interface ServerView {
  readonly name: string;
  readonly tags: readonly string[];
  /** It knows who leads JetStream. */
  readonly hasLeader: boolean;
  /** It leads nothing whose other copies that are up have yet to catch up. */
  readonly isSettled: boolean;
  /** By name of the stream: what this server's own copy has. */
  readonly streams: ReadonlyMap<string, CopyState>;
}

export interface CopyState {
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
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
      ...new Set((await answersTo(nats, '$SYS.REQ.SERVER.PING', {}, windowMs)).map(({ name }) => name)),
    ],
    views: async (windowMs, expected) => {
      const wanted = { streams: true };
      return (await answersTo(nats, '$SYS.REQ.SERVER.PING.JSZ', wanted, windowMs, expected)).map(viewIn);
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

interface SystemAnswer {
  readonly server?: { readonly name?: string; readonly tags?: readonly string[] };
  readonly data?: JetStreamDetail;
}

interface Answered {
  readonly name: string;
  readonly tags: readonly string[];
  readonly data: JetStreamDetail;
}

/** nats-server's `/jsz`, of which only what is used. */
interface JetStreamDetail {
  readonly meta_cluster?: Group;
  readonly account_details?: readonly { readonly stream_detail?: readonly StreamDetail[] }[];
}

/** Of servers that keep one thing together. `replicas`: told by the leader. */
interface Group {
  readonly leader?: string;
  readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[];
}

interface StreamDetail {
  readonly name: string;
  readonly cluster?: Group;
  readonly state: { readonly messages: number; readonly first_seq: number; readonly last_seq: number };
}

/** Of all servers that answer in time. */
async function answersTo(
  nats: NatsConnection,
  subject: string,
  body: object,
  windowMs: number,
  expected?: number,
): Promise<readonly Answered[]> {
  const found: Answered[] = [];
  const until =
    expected === undefined
      ? { strategy: RequestStrategy.Timer }
      : { strategy: RequestStrategy.Count, maxMessages: expected };
  try {
    const answers = await nats.requestMany(subject, codec.encode(body), { maxWait: windowMs, ...until });
    for await (const message of answers) {
      const { server, data = {} } = codec.decode(message.data) as SystemAnswer;
      if (server?.name !== undefined) found.push({ name: server.name, tags: server.tags ?? [], data });
    }
  } catch {
    // Away for a moment: whoever asks, asks again.
  }
  return found;
}

function viewIn({ name, tags, data }: Answered): ServerView {
  const streams = (data.account_details ?? []).flatMap(({ stream_detail = [] }) => stream_detail);
  return {
    name,
    tags,
    hasLeader: (data.meta_cluster?.leader ?? '') !== '',
    isSettled: isSettled(name, data.meta_cluster) && streams.every(({ cluster }) => isSettled(name, cluster)),
    streams: new Map(
      streams.map(({ name: stream, state }) => [
        stream,
        { messages: state.messages, firstSequence: state.first_seq, lastSequence: state.last_seq },
      ]),
    ),
  };
}

/** Without a leader nothing is; what another server leads is for that one to say. */
function isSettled(self: string, group: Group | undefined): boolean {
  if (group === undefined) return true;
  const { leader = '', replicas = [] } = group;
  if (leader !== self) return leader !== '';
  return replicas.every(({ current, offline }) => current || offline === true);
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
