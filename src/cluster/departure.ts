/** A member that goes: by itself, or because its machine will not come back. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, openProbe } from '../bus/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { encodeToken } from '../message/index.js';
import type { ClusterState, Node } from '../node/index.js';
import { type Membership, votersOf } from './membership.js';

const FEWEST = 3;
const WINDOW_MS = 1000;
const LEVEL_MS = 120_000;
const LOOK_MS = 500;
/** A server tells at once; what it is told may take a moment. */
const ATTEMPTS = 10;

export interface Departure {
  readonly removed: string;
  readonly members: readonly string[];
  /** Streams whose copies are not all level yet. */
  readonly lagging: readonly string[];
}

export interface DepartureTools {
  readonly bus: Bus;
  readonly node: Node;
  readonly membership: Membership;
  readonly log: Logger;
}

/** Names of the members whose servers answer. */
export async function membersUp({ node, log }: Pick<DepartureTools, 'node' | 'log'>, state: ClusterState) {
  const probe = await openProbe(node.system, log);
  try {
    const up = await probe.servers(WINDOW_MS);
    return state.members.map(({ name }) => name).filter((name) => up.includes(encodeToken(name)));
  } finally {
    await probe.close();
  }
}

/** Throws CLUSTER_INVALID, with the way out, when the rest would be no cluster, or too few of it are up. */
export async function refuseDeparture(tools: DepartureTools, name: string): Promise<ClusterState> {
  const { state } = tools.membership;
  const member = state?.members.find((each) => each.name === name);
  if (state === null || member === undefined) throw notMember(name);
  restWithout(state.members, name);
  const up = (await membersUp(tools, state)).filter((each) => each !== name);
  if (up.length >= FEWEST) return state;
  throw new ParleyError('CLUSTER_INVALID', `only ${up.join(', ')} would be up without ${name}`, {
    fix: 'Three copies of the log need three nodes: start the others first.',
  });
}

/** Throws CLUSTER_INVALID when they would be no cluster. The same list when it has gone already. */
function restWithout(members: ClusterState['members'], name: string): ClusterState['members'] {
  const member = members.find((each) => each.name === name);
  if (member === undefined) return members;
  const rest = members.filter((each) => each !== member);
  const full = votersOf({ members: rest });
  if (full.length < FEWEST && member.pending !== true) throw tooFew(name, full.length);
  return rest;
}

/** For a machine that never returns. Throws CLUSTER_INVALID when it runs, too. */
export async function removeMember(tools: DepartureTools, name: string): Promise<Departure> {
  if (tools.membership.state?.members.some((member) => member.name === name) !== true) {
    return finishRemoval(tools, name);
  }
  const state = await refuseDeparture(tools, name);
  if ((await membersUp(tools, state)).includes(name)) {
    throw new ParleyError('CLUSTER_INVALID', `${name} is up`, {
      fix: `Run \`parley node leave\` there; or stop it for good first.`,
    });
  }
  return dismiss(tools, name);
}

/** It is out of the list, and may not be out of the servers' majority yet: whoever did the first may have died then. */
async function finishRemoval(tools: DepartureTools, name: string): Promise<Departure> {
  if (!(await removePeer(tools, name))) throw notMember(name);
  const lagging = await untilLevel(tools, encodeToken(name));
  const members = (tools.membership.state?.members ?? []).map((member) => member.name);
  return { removed: name, members, lagging };
}

async function removePeer({ node, log }: DepartureTools, name: string): Promise<boolean> {
  const probe = await openProbe(node.system, log);
  try {
    return await persistently(() => probe.removePeer(encodeToken(name)));
  } finally {
    await probe.close();
  }
}

/**
 * Out of the list, out of the servers' majority; resolves when every stream has its copies on the others.
 * Asked again, it goes on from where it was.
 */
export async function dismiss(tools: DepartureTools, name: string): Promise<Departure> {
  const { membership, log } = tools;
  const isMember = membership.state?.members.some((member) => member.name === name) === true;
  if (isMember) await membership.change((members) => restWithout(members, name));
  await removePeer(tools, name);
  if (isMember) log.info('a member was removed', { node: name });
  const lagging = await untilLevel(tools, encodeToken(name));
  const members = (membership.state?.members ?? []).map((member) => member.name);
  return { removed: name, members, lagging };
}

/** Where the death of the leader is fresh, there is none for some seconds. */
async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await pause(LOOK_MS);
    }
  }
}

async function untilLevel({ bus }: DepartureTools, gone: string): Promise<readonly string[]> {
  const deadline = performance.now() + LEVEL_MS;
  for (;;) {
    const all = await bus.copies().catch(() => null);
    const lagging = (all ?? [{ stream: 'all', wanted: 1, copies: [] }]).filter(({ wanted, copies }) => {
      const level = copies.filter(({ server, current }) => server !== gone && current);
      return level.length < wanted;
    });
    if (lagging.length === 0 || performance.now() > deadline) return lagging.map(({ stream }) => stream);
    await pause(LOOK_MS);
  }
}

function notMember(name: string): ParleyError {
  return new ParleyError('NOT_FOUND', `"${name}" is not a member of this cluster`, {
    fix: 'See `parley node list` for the names.',
  });
}

function tooFew(name: string, rest: number): ParleyError {
  return new ParleyError(
    'CLUSTER_INVALID',
    `without ${name} the cluster would have ${rest} nodes, and with two the log stops when either is gone`,
    {
      fix: `Let another machine take its place: \`parley node replace ${name}\` prints the line for it, and ${name} goes when that one is in.`,
    },
  );
}
