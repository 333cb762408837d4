/** What the servers of a cluster have, as each of them says: every raft group, who leads it, and who keeps up with it. */
import { JSONCodec, type NatsConnection, RequestStrategy } from 'nats';

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
}

interface ClusterView {
  readonly leader?: string;
  readonly replicas?: readonly {
    readonly name: string;
    readonly current: boolean;
    readonly offline?: boolean;
  }[];
}

interface StreamView {
  readonly name: string;
  readonly cluster?: ClusterView;
  readonly state?: { readonly messages: number; readonly last_seq: number; readonly last_ts: string };
  readonly consumer_detail?: readonly { readonly name: string; readonly cluster?: ClusterView }[];
}

/** As JSZ answers, with the server's name. */
interface Answer {
  readonly server?: { readonly name?: string };
  readonly data?: {
    readonly meta_cluster?: ClusterView & { readonly cluster_size?: number };
    readonly account_details?: readonly { readonly stream_detail?: readonly StreamView[] }[];
  };
}

const codec = JSONCodec<unknown>();
const QUESTION = { accounts: true, streams: true, consumer: true };

/** Of those that answer within `windowMs`, or of the first so many. Only for a user of the system account. */
export async function holdingsOf(
  nats: NatsConnection,
  windowMs: number,
  servers = Number.POSITIVE_INFINITY,
): Promise<readonly Holdings[]> {
  const found: Holdings[] = [];
  const answers = await nats.requestMany('$SYS.REQ.SERVER.PING.JSZ', codec.encode(QUESTION), {
    maxWait: windowMs,
    ...(Number.isFinite(servers) ? { strategy: RequestStrategy.Count, maxMessages: servers } : {}),
  });
  for await (const { data } of answers) found.push(...readHoldings(codec.decode(data) as Answer));
  return found;
}

/** One, or none where the server is in no cluster. */
export function readHoldings({ server, data }: Answer): readonly Holdings[] {
  const name = server?.name;
  if (name === undefined || data?.meta_cluster === undefined) return [];
  const { meta_cluster, account_details = [] } = data;
  const streams = account_details.flatMap(({ stream_detail = [] }) => stream_detail);
  return [
    {
      server: name,
      meta: { ...groupOf(meta_cluster), size: meta_cluster.cluster_size ?? 0 },
      groups: streams.flatMap(groupsOf),
    },
  ];
}

function groupsOf({ name, cluster, state, consumer_detail = [] }: StreamView): readonly NamedGroup[] {
  const consumers = consumer_detail.map((consumer) => ({
    stream: name,
    consumer: consumer.name,
    last: null,
    ...groupOf(consumer.cluster),
  }));
  const { messages = 0, last_seq: sequence = 0, last_ts: time = '' } = state ?? {};
  const last = messages === 0 ? null : { sequence, time };
  return [{ stream: name, consumer: null, last, ...groupOf(cluster) }, ...consumers];
}

function groupOf({ leader, replicas = [] }: ClusterView = {}): Group {
  const followers = replicas.map(({ name, current, offline }) => ({
    server: name,
    current: current && offline !== true,
  }));
  return { leader: leader === undefined || leader === '' ? null : leader, followers };
}
