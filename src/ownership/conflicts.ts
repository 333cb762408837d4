/** Why this gateway must not own anything, found in what others say; and what does not fit together, for the log. */
import type { Peer } from './peers.js';

export interface Identity {
  readonly gateway: string;
  readonly instance: string;
  /** Sorted. */
  readonly voters: readonly string[];
}

/** An older run under our name: it votes in this name, so we may not. */
export function elderOf(self: Identity, peers: readonly Peer[]): Peer | null {
  const elder = ({ beat }: Peer) => beat.gateway === self.gateway && beat.instance < self.instance;
  return peers.find(elder) ?? null;
}

/** A sentence with what to do, or null: it may own networks. */
export function exclusionOf(self: Identity, peers: readonly Peer[]): string | null {
  const { gateway, voters } = self;
  if (!voters.includes(gateway))
    return `"${gateway}" is not in owners.voters (${voters.join(', ')}): add it there`;
  if (elderOf(self, peers) !== null)
    return `another gateway named "${gateway}" runs already: stop one, or give it a name of its own`;
  const larger = peers.find(({ beat }) => {
    return beat.voters.length > voters.length && !beat.voters.includes(gateway);
  });
  if (larger === undefined) return null;
  const { beat } = larger;
  return `"${beat.gateway}" runs on this backbone with owners.voters ${beat.voters.join(', ')}, without "${gateway}": write the same list everywhere, or use another prefix`;
}

/** Differences that cost nobody a network yet, one sentence each. */
export function warningsOf(self: Identity, peers: readonly Peer[]): readonly string[] {
  return peers.flatMap(({ beat }) => {
    if (beat.gateway === self.gateway)
      return [`another gateway named "${self.gateway}" runs: it may own nothing`];
    if (sameVoters(beat.voters, self.voters)) {
      return self.voters.includes(beat.gateway)
        ? []
        : [`gateway "${beat.gateway}" is not in owners.voters: it may own nothing`];
    }
    return [
      `gateway "${beat.gateway}" has owners.voters ${beat.voters.join(', ')}, this one ${self.voters.join(', ')}: write the same list everywhere`,
    ];
  });
}

export function sameVoters(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
