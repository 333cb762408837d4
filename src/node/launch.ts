/** Starting a server as a plan says, and telling the CLI where it is. */
import type { Logger } from '../log.js';
import { writeNodeAddress } from './address-file.js';
import { type Child, ChildError, runServer } from './child.js';
import type { UserCredentials } from './credentials.js';
import { addressOf, type Plan } from './plan.js';
import { portTaken } from './port.js';
import { writePrivately } from './private-file.js';
import type { Program } from './program.js';
import { renewed } from './renewal.js';
import { serverConfig } from './server-config.js';
import { serviceUsers, writeServiceFiles } from './services.js';
import type { NodeLimits } from './types.js';

export interface Launched {
  readonly child: Child;
  readonly plan: Plan;
}

export interface Runner {
  readonly program: Program;
  readonly log: Logger;
  /** Aborted when nothing is to be started any more. */
  readonly signal: AbortSignal;
  readonly limits: NodeLimits;
}

/** Throws PORT_TAKEN or NODE_FAILED. */
export async function launch({ program, log, signal, limits }: Runner, plan: Plan): Promise<Launched> {
  await renewed(plan, log, signal, limits.sparedMs);
  await writePrivately(plan.files.config, serverConfig(plan));
  const child = await runServer(program, plan.files.config, log).catch(async (error: unknown) => {
    throw await explained(error, plan);
  });
  await tellAddress(plan, child);
  return { child, plan };
}

/** The files of a running server, for its next reload. */
export async function rewrite(plan: Plan, child: Child): Promise<void> {
  await writePrivately(plan.files.config, serverConfig(plan));
  await tellAddress(plan, child);
}

async function tellAddress(plan: Plan, child: Child): Promise<void> {
  const address = addressOf(plan, child.port, plan.credentials.users.cli);
  await writeNodeAddress(plan.files.address, address, child.pid);
  const services = serviceUsers(plan.node, plan.credentials, plan.naming);
  const addressFor = (user: UserCredentials) => addressOf(plan, child.port, user);
  await writeServiceFiles(plan.files.services, services, addressFor, plan.naming.prefix);
}

/** Which of the ports is taken stands in the server's complaint: `… listen tcp 127.0.0.1:4222: bind: …`. */
async function explained(error: unknown, plan: Plan): Promise<unknown> {
  if (!(error instanceof ChildError) || !/address already in use/.test(error.said)) return error;
  const port = Number(/:(\d+): bind/.exec(error.said)?.[1] ?? plan.client.port ?? 0);
  const { host } = [plan.route, plan.leaf].find((listen) => listen?.port === port) ?? plan.client;
  return portTaken(host, port);
}
