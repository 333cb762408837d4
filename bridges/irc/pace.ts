/**
 * Reads no faster than the core stores.
 *
 * Problem: a burst is read in a moment and stored in a second; until then every line of it lies in memory. Idea: stop
 * reading the socket while many lines are unstored; TCP holds the server back. Never for long: a server that cannot get
 * rid of its lines closes the connection, and while the backbone is away lines must wait with us, not there. So after
 * `LONGEST_PAUSE_MS` reading goes on whatever is unstored, and is not paused again before that has come down.
 */
import type { Network } from '../../src/bridge.js';

const PAUSE_AT = 512;
const RESUME_AT = 128;
const LONGEST_PAUSE_MS = 250;

interface Source {
  pause(): void;
  resume(): void;
}

/** The network as the parts of a connection see it: what they pass to `receive` sets the pace of `source`. */
export function paced(network: Network, source: () => Source): Network {
  let unstored = 0;
  let state: 'reading' | 'paused' | 'tired' = 'reading';
  let timer: NodeJS.Timeout | undefined;

  const settled = (): void => {
    unstored -= 1;
    if (unstored > RESUME_AT || state === 'reading') return;
    clearTimeout(timer);
    if (state === 'paused') source().resume();
    state = 'reading';
  };
  const pause = (): void => {
    state = 'paused';
    source().pause();
    timer = setTimeout(() => {
      state = 'tired';
      source().resume();
    }, LONGEST_PAUSE_MS);
  };

  return {
    name: network.name,
    log: network.log,
    owned: () => network.owned?.() !== false,
    flood: network.flood,
    channels: () => network.channels(),
    degraded: (channel, reason) => network.degraded(channel, reason),
    dropped: (reason) => network.dropped?.(reason),
    receive(event) {
      const stored = network.receive(event);
      unstored += 1;
      stored.then(settled, settled);
      if (state === 'reading' && unstored >= PAUSE_AT) pause();
      return stored;
    },
  };
}
