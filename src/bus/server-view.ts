/** What a server says of itself and of its own copies; not what a leader says of them. */
import { type RaftGroup, type ServerAnswer, streamsOf } from './every-server.js';

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

export function viewIn({ name, tags, data }: ServerAnswer): ServerView {
  const streams = streamsOf(data);
  const copies = streams.flatMap(({ name: stream, state }) =>
    state === undefined
      ? []
      : [
          [
            stream,
            { messages: state.messages, firstSequence: state.first_seq, lastSequence: state.last_seq },
          ] as const,
        ],
  );
  return {
    name,
    tags,
    hasLeader: (data.meta_cluster?.leader ?? '') !== '',
    isSettled: isSettled(name, data.meta_cluster) && streams.every(({ cluster }) => isSettled(name, cluster)),
    streams: new Map(copies),
  };
}

/** Without a leader nothing is; what another server leads is for that one to say. */
function isSettled(self: string, group: RaftGroup | undefined): boolean {
  if (group === undefined) return true;
  const { leader = '', replicas = [] } = group;
  if (leader !== self) return leader !== '';
  return replicas.every(({ current, offline }) => current || offline === true);
}
