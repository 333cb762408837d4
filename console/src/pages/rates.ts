import { useEffect, useRef, useState } from 'preact/hooks';
import type { Network } from '../types.js';

/** Counters are compared over so long, so that one busy second does not jump about. */
const WINDOW_MS = 30_000;

interface Sample {
  readonly atMs: number;
  readonly received: number;
}

/** How much was heard lately, out of counters that only grow. Null: nobody has looked long enough. */
export function useRates(networks: readonly Network[]): { readonly perMinute: number } | null {
  const samples = useRef<readonly Sample[]>([]);
  const [rate, setRate] = useState<{ readonly perMinute: number } | null>(null);
  const received = networks.reduce((total, { counters }) => total + Number(counters.received ?? 0), 0);
  useEffect(() => {
    if (networks.length === 0) return;
    const now = { atMs: performance.now(), received };
    const [before] = samples.current;
    // An owner that began anew counts from nothing.
    if (before !== undefined && before.received > received) samples.current = [];
    samples.current = [...samples.current.filter(({ atMs }) => now.atMs - atMs < WINDOW_MS), now];
    const [oldest] = samples.current;
    if (oldest === undefined || oldest === now) return;
    const minutes = (now.atMs - oldest.atMs) / 60_000;
    setRate({ perMinute: Math.round((received - oldest.received) / minutes) });
  }, [networks, received]);
  return rate;
}
