import { resolve } from 'node:path';
import type { BackupInfo } from '../../backup/index.js';
import type { CommandSpec, CommonOptions, Io } from '../command.js';
import { configSource, loadFrom } from '../config-source.js';
import { EXIT } from '../exit.js';
import { showProgress } from '../progress.js';
import { addressOf } from '../session.js';

const MEBIBYTE = 1024 * 1024;

interface BackupOptions {
  readonly verify?: boolean;
}

export const backupCommand: CommandSpec<BackupOptions> = {
  name: 'backup <place>',
  summary: 'save everything that the running gateway keeps in one file',
  details:
    'All streams and buckets with what each network has taken, the config, and of the store the credentials and the CA. ' +
    'Nothing waits for it. <place> is a file that does not exist, or a directory. Who has the file has your passwords: keep it secret.',
  examples: [
    ['backup /var/backups/parley/', 'a file with a name of its own there'],
    ['backup monday.tar', 'this file'],
    ['backup --verify monday.tar', 'is it whole, and what is in it'],
  ],
  options: [['--verify', 'read the backup <place> and say whether it is whole; needs no gateway']],
  run: (io, [place = ''], options) =>
    options.verify === true ? verify(io, resolve(io.context.cwd, place)) : take(io, place, options),
};

async function verify(io: Io, file: string): Promise<number> {
  const { readBackup } = await import('../../backup/index.js');
  const progress = showProgress(io);
  let bytes = 0;
  const info = await readBackup(file, {
    progress: (more) => {
      bytes += more;
      progress.show('reading', bytes);
    },
  }).finally(() => progress.end());
  showBackup(io, info);
  if (!io.out.json) io.out.note(`${info.file} is whole: as it was written at ${info.manifest.time}.`);
  return EXIT.ok;
}

async function take(io: Io, place: string, options: CommonOptions): Promise<number> {
  const { context } = io;
  const { config, text } = await loadFrom(context, configSource(context, options));
  const [{ takeBackup }, { openMover }] = await Promise.all([
    import('../../backup/index.js'),
    import('../../bus/index.js'),
  ]);
  const mover = await openMover(await addressOf(config));
  const progress = showProgress(io);
  try {
    const sources = {
      mover,
      prefix: config.prefix,
      gateway: config.node?.name ?? config.backbone?.name ?? context.host,
      parley: context.version,
      config: text,
      store: config.node?.store ?? null,
      progress: progress.show,
    };
    // A trailing slash says that it is a directory.
    const target = resolve(context.cwd, place) + (place.endsWith('/') ? '/' : '');
    const info = await takeBackup(sources, target, new Date()).finally(() => progress.end());
    showBackup(io, info);
    if (!io.out.json) io.out.note(secrecy(info));
    return EXIT.ok;
  } finally {
    await mover.close();
  }
}

export function showBackup({ out }: Io, { file, bytes, manifest }: BackupInfo): void {
  const { parts, ...known } = manifest;
  if (out.json) {
    out.document({ file, bytes, ...known, parts: parts.map(({ name }) => name) });
    return;
  }
  out.table(
    ['STREAM', 'MESSAGES', 'CONSUMERS', 'MIB'],
    manifest.streams.map((one) => [
      one.stream,
      one.messages,
      one.consumers,
      (one.bytes / MEBIBYTE).toFixed(1),
    ]),
  );
}

function secrecy({ file, bytes, manifest }: BackupInfo): string {
  const has = manifest.parts.some(({ name }) => name.endsWith('ca.key'))
    ? 'the passwords of the cluster and the key of its CA'
    : manifest.kind === 'node'
      ? 'the passwords of the node'
      : 'everything that was said';
  return (
    `Wrote ${file} (${(bytes / MEBIBYTE).toFixed(1)} MiB). It holds ${has}: readable by you only, keep it so.\n` +
    'Files and variables that the config names are not in it.'
  );
}
