/**
 * Reads no faster than the core stores.
 *
 * Problem: a burst is read in a moment and stored in a second; until then every line of it lies in memory. Idea: stop
 * reading the socket while many lines are unstored; TCP holds the server back. Never for long: a server that cannot get
 * rid of its lines closes the connection, and while the backbone is away lines must wait with us, not there. So after
 * `LONGEST_PAUSE_MS` reading goes on whatever is unstored, for as many lines more, and then pauses again: a server that
 * floods us, or a room that does while the backbone is away, gets some thousand lines a second in and not the whole of
 * our time and memory. What it cannot do: give a flood more than that, however long the log takes.
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
  let pauseAt = PAUSE_AT;
  let timer: NodeJS.Timeout | undefined;

  const settled = (): void => {
    unstored -= 1;
    if (unstored > RESUME_AT) return;
    pauseAt = PAUSE_AT;
    if (timer !== undefined) resume();
  };
  const resume = (): void => {
    clearTimeout(timer);
    timer = undefined;
    source().resume();
  };
  const pause = (): void => {
    source().pause();
    timer = setTimeout(() => {
      pauseAt = unstored + PAUSE_AT;
      resume();
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
    addressed: (message) => network.addressed?.(message),
    receive(event) {
      const stored = network.receive(event);
      unstored += 1;
      stored.then(settled, settled);
      if (timer === undefined && unstored >= pauseAt) pause();
      return stored;
    },
  };
}
