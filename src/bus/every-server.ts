/** Asking all servers of a cluster at once; only for a user of the system account. What nats-server 2.9 answers to JSZ. */
import { JSONCodec, type NatsConnection, RequestStrategy } from 'nats';

/** Servers that keep one thing together, as one of them sees it. `replicas`: the others, told by the leader only. */
export interface RaftGroup {
  readonly leader?: string;
  readonly cluster_size?: number;
  readonly replicas?: readonly {
    readonly name: string;
    readonly current: boolean;
    readonly offline?: boolean;
  }[];
}

export interface StreamDetail {
  readonly name: string;
  readonly cluster?: RaftGroup;
  readonly state?: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
    readonly last_ts: string;
  };
  readonly consumer_detail?: readonly {
    readonly name: string;
    readonly cluster?: RaftGroup;
    readonly ack_floor?: { readonly stream_seq: number };
  }[];
}

/** Of which only what is used. */
export interface JetStreamDetail {
  readonly meta_cluster?: RaftGroup;
  readonly account_details?: readonly { readonly stream_detail?: readonly StreamDetail[] }[];
}

export interface ServerAnswer {
  readonly name: string;
  readonly tags: readonly string[];
  readonly data: JetStreamDetail;
}

interface Wire {
  readonly server?: { readonly name?: string; readonly tags?: readonly string[] };
  readonly data?: JetStreamDetail;
}

const codec = JSONCodec<unknown>();

/** Of those that answer within `windowMs`, or of the first `expected`. None while the connection is away. */
export async function askEveryServer(
  nats: NatsConnection,
  what: 'PING' | 'PING.JSZ',
  question: object,
  windowMs: number,
  expected = Number.POSITIVE_INFINITY,
): Promise<readonly ServerAnswer[]> {
  const found: ServerAnswer[] = [];
  const until = Number.isFinite(expected)
    ? { strategy: RequestStrategy.Count, maxMessages: expected }
    : { strategy: RequestStrategy.Timer };
  try {
    const subject = `$SYS.REQ.SERVER.${what}`;
    const answers = await nats.requestMany(subject, codec.encode(question), { maxWait: windowMs, ...until });
    for await (const message of answers) {
      const { server, data = {} } = codec.decode(message.data) as Wire;
      if (server?.name !== undefined) found.push({ name: server.name, tags: server.tags ?? [], data });
    }
  } catch {
    // Away for a moment: whoever asks, asks again.
  }
  return found;
}

export function streamsOf({ account_details = [] }: JetStreamDetail): readonly StreamDetail[] {
  return account_details.flatMap(({ stream_detail = [] }) => stream_detail);
}
