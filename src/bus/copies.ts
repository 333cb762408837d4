/** Where the copies of each stream are, and whether they are level. */
import type { JetStreamManager, StreamInfo } from 'nats';
import type { StreamCopies } from './types.js';

export async function copiesOf(manager: JetStreamManager): Promise<readonly StreamCopies[]> {
  const all: StreamCopies[] = [];
  for await (const info of manager.streams.list()) all.push(copiesIn(info));
  return all;
}

function copiesIn({ config, cluster }: StreamInfo): StreamCopies {
  const leader = cluster?.leader ?? null;
  const followers = (cluster?.replicas ?? []).map(({ name, current, offline, lag }) => ({
    server: name,
    current: current && offline !== true,
    lag: lag ?? 0,
  }));
  const own = leader === null || leader === '' ? [] : [{ server: leader, current: true, lag: 0 }];
  return {
    stream: config.name,
    wanted: config.num_replicas,
    leader: leader || null,
    copies: [...own, ...followers],
  };
}
