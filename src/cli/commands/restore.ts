import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BackupInfo, Restored } from '../../backup/index.js';
import type { BusAddress } from '../../bus/index.js';
import type { NodeConfig, ParleyConfig } from '../../config/index.js';
import { ParleyError, reasonOf } from '../../errors.js';
import type { CommandSpec, CommonOptions, Io } from '../command.js';
import { configSource } from '../config-source.js';
import { EXIT } from '../exit.js';
import { showProgress } from '../progress.js';
import { isUnavailable, readConfig } from '../session.js';
import { showBackup } from './backup.js';

const DEFAULT_CONFIG = 'parley.yaml';
const ASK_MS = 3000;

interface RestoreFlags {
  readonly into?: string;
  readonly replace?: boolean;
}

type Flags = RestoreFlags & CommonOptions;

export const restoreCommand: CommandSpec<RestoreFlags> = {
  name: 'restore <file>',
  summary: 'make a store of a backup, on this machine or a new one',
  details:
    'The backup is read to its end first; nothing is touched unless it is whole. Into the store of the config, or of --into; where the ' +
    'config names servers under "backbone", into those. Where there is no config, that of the backup is written. The node is alone ' +
    'afterwards: other machines join it anew. A restore that was cut off is run again.',
  examples: [
    ['restore monday.tar', 'into the empty store of the config, or on a new machine'],
    ['restore monday.tar --into /var/lib/parley', 'into this directory'],
    ['restore monday.tar --replace', 'what the store has is moved aside'],
  ],
  options: [
    ['--into <dir>', 'the store to make (default: "node.store" of the config)'],
    ['--replace', 'move what the store has to before-… in it'],
  ],
  async run(io, [name = ''], options) {
    const file = resolve(io.context.cwd, name);
    const { readBackup } = await import('../../backup/index.js');
    const info = await readBackup(file);
    const written = await ensureConfig(io, options, info);
    const progress = showProgress(io);
    try {
      const restored = await restore(
        io,
        file,
        info,
        written === null ? options : { ...options, config: written },
        {
          progress: progress.show,
        },
      ).finally(() => progress.end());
      show(io, restored, written);
      return EXIT.ok;
    } catch (error) {
      if (written !== null) await rm(written, { force: true });
      throw error;
    }
  },
};

interface Showing {
  readonly progress: (what: string, bytes: number) => void;
}

async function restore(
  io: Io,
  file: string,
  info: BackupInfo,
  options: Flags,
  showing: Showing,
): Promise<Restored> {
  const { restoreServers, restoreStore } = await import('../../backup/index.js');
  const { silentLogger } = await import('../../log.js');
  const onto = (node: NodeConfig): Promise<Restored> =>
    restoreStore(file, node, {
      ...showing,
      replace: options.replace === true,
      now: new Date(),
      log: silentLogger,
    });
  if (options.into !== undefined) {
    const store = resolve(io.context.cwd, options.into);
    return onto({ name: info.manifest.gateway, listen: { host: '127.0.0.1', port: null }, store });
  }
  const config = await readConfig(io, options);
  refuseOtherPrefix(config, info);
  if (config.backbone === null) return onto(nodeOf(config));
  await refuseRunning(config.backbone, config.prefix);
  const { replicas } = config.history;
  const target = { ...showing, address: config.backbone, replicas };
  return { ...(await restoreServers(file, target)), aside: null, members: [] };
}

/** The file that was written, or null when there is a config. */
async function ensureConfig({ context }: Io, options: Flags, { config }: BackupInfo): Promise<string | null> {
  if (options.config === undefined && found(() => configSource(context, options))) return null;
  const source = options.config ?? DEFAULT_CONFIG;
  if (/^https?:/.test(source) || existsSync(resolve(context.cwd, source))) return null;
  const file = resolve(context.cwd, source);
  await writeFile(file, config, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    throw new ParleyError('STORE_UNWRITABLE', `cannot write the config ${file}: ${reasonOf(error)}`, {
      fix: 'Name another file with --config.',
      cause: error,
    });
  });
  return file;
}

function found(find: () => string): boolean {
  try {
    return find() !== '';
  } catch {
    return false;
  }
}

function nodeOf({ node }: ParleyConfig): NodeConfig {
  if (node !== null) return node;
  throw new ParleyError('USAGE', 'this config has neither a node nor a backbone', {
    fix: 'Name the store with --into.',
  });
}

function refuseOtherPrefix({ prefix }: ParleyConfig, { manifest }: BackupInfo): void {
  if (prefix === manifest.prefix) return;
  throw new ParleyError('USAGE', `the config has the prefix "${prefix}", the backup "${manifest.prefix}"`, {
    fix: `Write \`prefix: ${manifest.prefix}\` into the config.`,
  });
}

/** A gateway makes the streams that it misses, and stores in them. */
async function refuseRunning(address: BusAddress, prefix: string): Promise<void> {
  const { openCaller } = await import('../../bus/index.js');
  const caller = await openCaller({ address, prefix });
  try {
    const event = { event: 'restore' };
    const answers = await caller.requestAll<{ readonly gateway: string }>(['trace'], event, ASK_MS);
    const names = answers.map(({ gateway }) => gateway).join(', ');
    throw new ParleyError('BACKBONE_CONFLICT', `gateways run with these servers: ${names}`, {
      fix: 'Stop them, restore, and start them again.',
    });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  } finally {
    await caller.close();
  }
}

function show(io: Io, restored: Restored, written: string | null): void {
  const { out } = io;
  const { aside, members, manifest, bytes, file } = restored;
  if (out.json) {
    const { time, streams } = manifest;
    out.document({ file, bytes, time, streams, aside, members, written });
    return;
  }
  showBackup(io, restored);
  if (aside !== null) out.note(`What the store had is in ${aside}.`);
  if (written !== null) out.note(`Wrote the config of the backup to ${written}.`);
  const others = members.filter((name) => name !== manifest.gateway);
  if (others.length > 0) {
    out.note(
      `It was one of a cluster with ${others.join(', ')} and is alone now. While those run with their log, do not start it: \`parley node replace\` there. Otherwise let them join anew.`,
    );
  }
  out.note(`Restored as of ${manifest.time}. Now run \`parley start\`.`);
}
