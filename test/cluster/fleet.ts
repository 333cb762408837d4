/** Machines as an operator has them: a directory each, the built program, nothing else. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { type Answer, parley } from '../cli/run-parley.js';
import { type PeerProcess, startProcess, temporaryDirectory, until } from '../peers/index.js';
import { freePorts } from '../peers/ports.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LONG_MS = 120_000;

export interface Box {
  readonly name: string;
  readonly directory: string;
  readonly listen: string;
  readonly route: string;
  run(...args: readonly string[]): Promise<Answer>;
  /** `parley start`; ended with the test. */
  start(): Promise<PeerProcess>;
}

export interface Listing {
  readonly mode: string;
  readonly revision: number;
  readonly members: readonly {
    readonly name: string;
    readonly role: string;
    readonly state: string;
    readonly version: string | null;
    readonly clockMs: number | null;
    readonly copies: { readonly current: number; readonly behind: number };
  }[];
}

export async function makeBox(t: ExecutionContext, name: string): Promise<Box> {
  const directory = await temporaryDirectory(t, name);
  const [client = 0, route = 0] = await freePorts(2);
  return {
    name,
    directory,
    listen: `127.0.0.1:${client}`,
    route: `127.0.0.1:${route}`,
    run: (...args) => parley(args, { cwd: directory }),
    start: () =>
      startProcess(t, {
        name,
        command: process.execPath,
        args: [MAIN, 'start'],
        cwd: directory,
        env: { PARLEY_CONFIG: '' },
      }),
  };
}

/** What all machines of a community have in common; of an IRC server where nobody listens unless `port` is given. */
export function roomsOf(port = 1): string {
  return `http: off
networks: { irc: { bridge: irc, host: 127.0.0.1, port: ${port}, tls: false, nick: relay } }
rooms: { lobby: { channels: [ { irc: "#lobby" } ] } }
`;
}

/** A gateway that runs alone, with a room. */
export async function firstBox(
  t: ExecutionContext,
  rooms = roomsOf(),
): Promise<{ box: Box; process: PeerProcess }> {
  const box = await makeBox(t, 'alpha');
  const node = `node: { name: alpha, listen: "${box.listen}", cluster: { listen: "${box.route}" } }`;
  const config = `${node}\n${rooms}`;
  await writeFile(join(box.directory, 'parley.yaml'), config);
  const process = await box.start();
  await running(box);
  return { box, process };
}

export async function running({ directory, run }: Box): Promise<void> {
  await until(() => existsSync(join(directory, 'data/node.json')), { what: 'the node', deadlineMs: LONG_MS });
  const asked = async () => [0, 1].includes((await run('node', 'list')).code ?? -1);
  await until(asked, { what: 'the gateway', deadlineMs: LONG_MS, everyMs: 200 });
}

export async function invite({ run }: Box): Promise<string> {
  const { stdout, stderr, code } = await run('node', 'invite');
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Several boxes share this machine's one HTTP port. */
export async function joinWith(box: Box, line: string, more = 'http: off\n'): Promise<Answer> {
  const { name, listen, route, directory } = box;
  const answer = await box.run('node', 'join', line, '--name', name, '--listen', listen, '--route', route);
  const config = join(directory, 'parley.yaml');
  if (answer.code === 0) await writeFile(config, `${await readFile(config, 'utf8')}${more}`);
  return answer;
}

export async function listed({ run }: Box): Promise<Listing | null> {
  const { stdout, code } = await run('node', 'list', '--json');
  return code === 0 || code === 1 ? (JSON.parse(stdout) as Listing) : null;
}

/** Alpha, and those that joined it, as one cluster; all with `rooms`. */
export async function makeFleet(
  t: ExecutionContext,
  names: readonly string[],
  rooms = roomsOf(),
): Promise<readonly Member[]> {
  const { box: alpha, process } = await firstBox(t, rooms);
  const members: Member[] = [{ box: alpha, process }];
  for (const name of names) members.push(await addMember(t, alpha, name, rooms));
  for (const { box } of members) await whole(box, members.length);
  return members;
}

export interface Member {
  readonly box: Box;
  readonly process: PeerProcess;
}

export async function addMember(
  t: ExecutionContext,
  alpha: Box,
  name: string,
  rooms = roomsOf(),
  line?: string,
): Promise<Member> {
  const box = await makeBox(t, name);
  const { code, stderr } = await joinWith(box, line ?? (await invite(alpha)), rooms);
  if (code !== 0) throw new Error(stderr);
  return { box, process: await box.start() };
}

/** The machine is gone: the gateway and its nats-server at once. */
export async function die({ box, process: gateway }: Member): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(box.directory, 'data/node.json'), 'utf8')) as {
    pid: number;
  };
  await gateway.kill();
  process.kill(pid, 'SIGKILL');
}

/** Resolves once this node sees so many members up. */
export async function whole(box: Box, count: number): Promise<void> {
  const isWhole = async (): Promise<boolean> => {
    const listing = await listed(box);
    return (
      listing?.mode === 'cluster' && listing.members.filter(({ state }) => state === 'up').length === count
    );
  };
  await until(() => isWhole().catch(() => false), {
    what: `${count} nodes at ${box.name}`,
    deadlineMs: LONG_MS,
    everyMs: 300,
  });
}
