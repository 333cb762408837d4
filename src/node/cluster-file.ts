/**
 * `<store>/cluster.json`: what this node knows of its cluster. Written by Parley (`parley node join` and its kin), never
 * by hand; the config says where to listen, this file says with whom.
 *
 * Absent means alone. `cluster` needs three members or more, this node among them: two have no majority once one is
 * gone, so they would store less reliably than one. `leaf` has no streams of its own and uses those of `hub`.
 * A node listens where its config says; where that says `auto`, on the port of its own entry here, so that the others
 * find it again after a restart.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ParleyError, reasonOf } from '../errors.js';
import { writePrivately } from './private-file.js';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const HOST_PORT = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;
const FEWEST_MEMBERS = 3;

const nameField = z.string().regex(NAME, 'expected 1-64 letters, digits, ".", "_" or "-"');
const addressField = z
  .string()
  .refine((text) => HOST_PORT.test(text) && isPort(text), 'expected "host:port" with a port 1-65535');

/** One node. Addresses are `host:port` (`[::1]:6222`), as the other machines reach it. */
const memberSpec = z.strictObject({
  name: nameField,
  /** Where other members connect their routes. */
  route: addressField,
  /** Where NATS clients connect. */
  client: addressField,
  /** Where leaf nodes connect, when it takes them. */
  leaf: addressField.optional(),
  /** Let in, but not seen yet: it has no vote. */
  pending: z.literal(true).optional(),
});

/** A node of the cluster that a leaf belongs to. */
const hubSpec = z.strictObject({ name: nameField, leaf: addressField, client: addressField.optional() });

const stateSpec = z
  .strictObject({
    version: z.literal(1),
    revision: z.int().min(0).optional(),
    mode: z.enum(['alone', 'cluster', 'leaf']),
    cluster: nameField,
    self: nameField,
    members: z.array(memberSpec),
    hub: z.array(hubSpec).optional(),
  })
  .superRefine(checkState);

export type ClusterMember = Readonly<z.output<typeof memberSpec>>;
export type HubNode = Readonly<z.output<typeof hubSpec>>;
export interface ClusterState {
  readonly version: 1;
  /** Grows with every change of the members of a cluster; absent: 0. */
  readonly revision?: number | undefined;
  readonly mode: 'alone' | 'cluster' | 'leaf';
  /** Name of the NATS cluster: nodes of another one are not let in. */
  readonly cluster: string;
  /** This node's name among `members`: that of `node.name` in the config. */
  readonly self: string;
  /** All members of the cluster, this node too. In mode `alone` those that wait to form one; in mode `leaf` none. */
  readonly members: readonly ClusterMember[];
  /** Mode `leaf`: where it connects; any of them will do. */
  readonly hub?: readonly HubNode[] | undefined;
}

/** Null: there is none, the node is alone. Throws CLUSTER_INVALID, naming the file, what is wrong, and what to do. */
export async function readClusterFile(file: string): Promise<ClusterState | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw invalid(file, reasonOf(error), error);
  }
  return checkClusterState(parsed(file, text), file);
}

/** Atomic and readable by its owner only. Throws CLUSTER_INVALID for a state that could not be read back. */
export async function writeClusterFile(file: string, state: ClusterState): Promise<void> {
  const checked = checkClusterState(state, file);
  await writePrivately(file, `${JSON.stringify(checked, null, 2)}\n`);
}

/** For states that came from elsewhere; `where` begins the message. */
export function checkClusterState(value: unknown, where: string): ClusterState {
  const result = stateSpec.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'all'}: ${message}`);
  throw invalid(where, faults.join('; '), result.error);
}

function checkState(state: ClusterState, context: z.RefinementCtx): void {
  const say = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  const names = new Set(state.members.map(({ name }) => name));
  if (names.size < state.members.length) say('members', 'expected every name once');
  if (state.mode === 'leaf') {
    if ((state.hub ?? []).length === 0) say('hub', 'expected the nodes that this leaf connects to');
    return;
  }
  if (state.mode !== 'cluster') return;
  if (state.members.length < FEWEST_MEMBERS) {
    const reason = 'with two, the log stops when either is gone; use one node, a leaf beside it, or three';
    say('members', `expected ${FEWEST_MEMBERS} or more, got ${state.members.length}: ${reason}`);
  }
  if (!names.has(state.self)) say('self', `expected one of the members, got "${state.self}"`);
}

function isPort(address: string): boolean {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return port >= 1 && port <= 65535;
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, 'it is not JSON', error);
  }
}

function invalid(where: string, reason: string, cause: unknown): ParleyError {
  return new ParleyError('CLUSTER_INVALID', `${where}: ${reason}`, {
    fix: 'Take the file from a backup, or join again with `parley node join`; without the file the node starts alone.',
    cause,
  });
}
