/** What the servers of a cluster have, as each of them says: every raft group, who leads it, and who keeps up with it. */
import type { NatsConnection } from 'nats';
import {
  askEveryServer,
  type RaftGroup,
  type ServerAnswer,
  type StreamDetail,
  streamsOf,
} from './every-server.js';

/** One server's answer. */
export interface Holdings {
  readonly server: string;
  /** Of the group that knows which streams there are. */
  readonly meta: Group & { readonly size: number };
  /** Of the streams and consumers that this server has copies of. */
  readonly groups: readonly NamedGroup[];
}

export interface Group {
  /** Null: this server knows of none. */
  readonly leader: string | null;
  /** Known to the leader only: the others, and whether they have all that it has. */
  readonly followers: readonly { readonly server: string; readonly current: boolean }[];
}

export interface NamedGroup extends Group {
  readonly stream: string;
  /** Null: the group of the stream itself. */
  readonly consumer: string | null;
  /** Of a stream: the last message of this server's own copy; null: it has none. */
  readonly last: { readonly sequence: number; readonly time: string } | null;
  /** Of a consumer: up to where all is acknowledged, as this server knows it. */
  readonly acknowledged?: number;
}

const QUESTION = { accounts: true, streams: true, consumer: true };

/** Of those that answer within `windowMs`, or of the first so many. Only for a user of the system account. */
export async function holdingsOf(
  nats: NatsConnection,
  windowMs: number,
  servers?: number,
): Promise<readonly Holdings[]> {
  const answers = await askEveryServer(nats, 'PING.JSZ', QUESTION, windowMs, servers);
  return answers.flatMap(readHoldings);
}

/** One, or none where the server is in no cluster. */
export function readHoldings({ name, data }: Pick<ServerAnswer, 'name' | 'data'>): readonly Holdings[] {
  const { meta_cluster } = data;
  if (meta_cluster === undefined) return [];
  const meta = { ...groupOf(meta_cluster), size: meta_cluster.cluster_size ?? 0 };
  return [{ server: name, meta, groups: streamsOf(data).flatMap(groupsOf) }];
}

function groupsOf({ name, cluster, state, consumer_detail = [] }: StreamDetail): readonly NamedGroup[] {
  const consumers = consumer_detail.map((consumer) => ({
    stream: name,
    consumer: consumer.name,
    last: null,
    acknowledged: consumer.ack_floor?.stream_seq ?? 0,
    ...groupOf(consumer.cluster),
  }));
  const { messages = 0, last_seq: sequence = 0, last_ts: time = '' } = state ?? {};
  const last = messages === 0 ? null : { sequence, time };
  return [{ stream: name, consumer: null, last, ...groupOf(cluster) }, ...consumers];
}

function groupOf({ leader, replicas = [] }: RaftGroup = {}): Group {
  const followers = replicas.map(({ name, current, offline }) => ({
    server: name,
    current: current && offline !== true,
  }));
  return { leader: leader === undefined || leader === '' ? null : leader, followers };
}
