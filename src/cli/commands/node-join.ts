import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Invitation, Joined } from '../../cluster/index.js';
import { ParleyError } from '../../errors.js';
import { requireNode } from '../certificates.js';
import type { CommandSpec, CommonOptions, Io } from '../command.js';
import { configSource } from '../config-source.js';
import { EXIT } from '../exit.js';
import { MEMBER_HEADS, memberRow } from '../member-table.js';
import { readConfig } from '../session.js';

const DEFAULT_CONFIG = 'parley.yaml';
const WHOLE = 3;

interface JoinOptions {
  readonly name?: string;
  readonly listen: string;
  readonly route: string;
  readonly store?: string;
  readonly leaf?: boolean;
}

export const nodeJoinCommand: CommandSpec<JoinOptions> = {
  name: 'join <line>',
  summary: 'make this machine a node of the cluster that printed the line',
  details:
    'Checks that the inviter can be reached and shows a certificate of the cluster, that the clocks agree and the name is free; ' +
    'then writes a config, when there is none, and the store. One more node than the first is no cluster yet: the second ' +
    'waits for the third, since with two the log would stop when either is gone.',
  examples: [
    ['node join parley-join-1:eyJ…', 'with the line of `parley node invite`'],
    [
      'node join parley-join-1:eyJ… --name beta --route 10.0.0.2:6222',
      'under this name, reached at this address',
    ],
  ],
  options: [
    ['--name <name>', 'name of this node in the config that is written (default: the host name)'],
    ['--listen <address>', 'where clients connect, in the config that is written', '0.0.0.0:4222'],
    ['--route <address>', 'where the other nodes connect, in the config that is written', '0.0.0.0:6222'],
    ['--leaf', 'join as a leaf: connects outwards only; so does the line of `node invite --leaf`'],
    ['--store <dir>', 'directory for streams and credentials, in the config that is written'],
  ],
  async run(io, [line = ''], options) {
    const { joinCluster, parseInvitation } = await import('../../cluster/index.js');
    const { findProgram } = await import('../../node/index.js');
    const invitation = parseInvitation(line);
    const { version } = await findProgram();
    const leaf = options.leaf === true || invitation.leaf === true;
    const written = await ensureConfig(io, { ...options, leaf }, invitation);
    const joined = await undoing(written, async () => {
      const config = await readConfig(io, written === null ? options : { ...options, config: written });
      if (config.prefix !== invitation.prefix) throw otherPrefix(config.prefix, invitation.prefix);
      const state = await joinCluster(invitation, requireNode(config), { leaf, version });
      return { ...state, hasNetworks: config.networks.size > 0 };
    });
    show(io, joined, written);
    if (!joined.hasNetworks) tellNetworks(io);
    return EXIT.ok;
  },
};

/** A join that was refused leaves no config behind: the next attempt may be with other flags. */
async function undoing<Result>(written: string | null, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (written !== null) await rm(written, { force: true });
    throw error;
  }
}

/** The file that was written, or null when there is a config. */
async function ensureConfig(
  { context }: Io,
  options: JoinOptions & CommonOptions,
  invitation: Invitation,
): Promise<string | null> {
  const file = resolve(context.cwd, options.config ?? DEFAULT_CONFIG);
  if (options.config === undefined && hasConfig(() => configSource(context, options))) return null;
  if (existsSync(file)) return null;
  const isOpen = [options.listen, ...(options.leaf === true ? [] : [options.route])].some(
    (listen) => !/^(127\.|localhost|\[::1\])/.test(listen),
  );
  const node = {
    name: options.name ?? context.host,
    listen: options.listen,
    ...(isOpen ? { publicBind: true } : {}),
    ...(options.store === undefined ? {} : { store: options.store }),
    ...(options.leaf === true ? {} : { cluster: { listen: options.route } }),
  };
  const config = { ...(invitation.prefix === 'parley' ? {} : { prefix: invitation.prefix }), node };
  const { parse, stringify } = await import('yaml');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, stringify(parse(JSON.stringify(config))), { flag: 'wx' });
  return file;
}

function hasConfig(find: () => string): boolean {
  try {
    return find() !== '';
  } catch {
    return false;
  }
}

function show(io: Io, { state, skewMs, warnings }: Joined, written: string | null): void {
  const { out } = io;
  const { cluster, members, self, mode } = state;
  const whole = mode !== 'alone' || members.length >= WHOLE;
  for (const warning of warnings) out.note(`Warning: ${warning}.`);
  if (out.json) out.document({ cluster, self, mode, members, skewMs, written, waits: !whole });
  else
    out.table(
      MEMBER_HEADS,
      members.map((member) => memberRow(member, mode)),
    );
  if (written !== null) out.note(`Wrote ${written}.`);
  if (mode === 'leaf') out.note('Now run `parley start` here: it uses the log of its hub.');
  else tellNext(io, whole);
}

function tellNext({ out }: Io, whole: boolean): void {
  out.note(
    whole
      ? 'Now run `parley start` here (and on every other node that waits): the cluster forms by itself.'
      : 'Two nodes are no cluster: it forms when a third has joined. Until then `parley start` waits here, and the first node goes on alone.',
  );
}

/** A join brings the store; what the config says is the operator's. */
function tellNetworks({ out }: Io): void {
  out.note(
    'Its config has no networks yet. Give every node the same `networks:` and `rooms:` (copy them, or start all with one file or `-c https://…`): one node owns each network, another takes over.',
  );
}

function otherPrefix(own: string, theirs: string): ParleyError {
  return new ParleyError('USAGE', `the config has the prefix "${own}", the cluster has "${theirs}"`, {
    fix: `Write \`prefix: ${theirs}\` into the config.`,
  });
}
