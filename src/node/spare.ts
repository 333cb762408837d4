/**
 * Whether a member of a cluster can lose all that it has, because the others have it and go on having it.
 *
 * Asked while its own server is down. Why that is safe: without it, nothing is acknowledged that not a majority of each
 * group has written, all of them others; and those refuse their votes to a server whose log is shorter than theirs, so
 * an empty one cannot lead before it has caught up. What it cannot do: see a copy that silently misses something.
 */
import type { Group, Holdings } from '../bus/index.js';

/** Why it cannot be spared, or null. `streams`: those that are on its disk. Servers by their names in the cluster. */
export function whyNeeded(
  answers: readonly Holdings[],
  self: string,
  streams: readonly string[],
): string | null {
  const others = answers.filter(({ server }) => server !== self);
  const up = new Set(others.map(({ server }) => server));
  const meta = others.find(({ server, meta }) => meta.leader === server)?.meta;
  if (meta === undefined) return 'the others have no leader';
  if (!hasMajority(meta, up, meta.size)) return 'too few of the others are up, or current';
  const led = new Map<string, Group>();
  const known = new Map<string, Group>();
  for (const { server, groups } of others) {
    for (const group of groups) {
      const key = nameOf(group);
      known.set(key, group);
      if (group.leader === server) led.set(key, group);
    }
  }
  for (const name of new Set([...streams, ...known.keys()])) {
    const group = led.get(name);
    if (group === undefined) return `${name} has no leader among the others`;
    if (!hasMajority(group, up, group.followers.length + 1)) return `${name} has too few current copies`;
  }
  return null;
}

/** The leader, which says so itself, and those that it calls current and that answer. */
function hasMajority({ followers }: Group, up: ReadonlySet<string>, size: number): boolean {
  const current = followers.filter(({ server, current }) => current && up.has(server));
  return current.length + 1 > size / 2;
}

function nameOf({ stream, consumer }: { readonly stream: string; readonly consumer: string | null }): string {
  return consumer === null ? stream : `${stream} > ${consumer}`;
}
