import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { NodeConfig } from '../../config/index.js';
import { ParleyError } from '../../errors.js';
import type { CertificateInfo, TlsDirectory } from '../../node/index.js';
import { reloadNode, requireNode } from '../certificates.js';
import type { CommandSpec, Io } from '../command.js';
import { EXIT } from '../exit.js';
import { readConfig } from '../session.js';

/** A certificate that ends sooner than this is shown as a warning. */
const SOON_MS = 30 * 86_400_000;

interface CertOptions {
  readonly rotate?: boolean;
  readonly reload?: boolean;
  readonly for?: string;
  readonly hosts?: string;
  readonly ca?: string;
  readonly out?: string;
}

export const nodeCertCommand: CommandSpec<CertOptions> = {
  name: 'cert',
  summary: 'show the certificate of this node, or make a new one',
  details:
    'A running gateway takes the new one at once, without dropping a connection. Ends with 1 when the certificate shown ' +
    'ends within 30 days, so that a script can watch it.',
  examples: [
    ['node cert', 'whose it is, for which hosts, and until when'],
    ['node cert --rotate', 'a new key and certificate, for the same hosts'],
    [
      'node cert --rotate --for beta --hosts beta.example.org,192.0.2.7 --out beta-tls',
      'for another machine',
    ],
  ],
  options: [
    ['--rotate', 'make a new key and certificate'],
    ['--reload', 'let the running gateway read files that were carried here'],
    ['--for <name>', 'for another node, with --hosts and --out'],
    [
      '--hosts <list>',
      'host names and addresses it holds for (default: those of the old one, or of this machine)',
    ],
    ['--ca <dir>', 'where ca.pem and ca.key are (default: "tls" in the node’s store)'],
    ['--out <dir>', 'where to write (default: "tls" in the node’s store)'],
  ],
  async run(io, _args, options) {
    const config = await readConfig(io, options);
    const node = requireNode(config);
    const tools = await import('../../node/index.js');
    const { cwd } = io.context;
    const own = tools.filesOf(node.store).tls;
    if (options.reload === true && !(await reloadNode(io, options, config))) {
      io.out.note('No gateway runs with this store; its next start reads the files.');
    }
    if (options.rotate !== true) return showOwn(io, node, own);
    if (options.for !== undefined && (options.hosts === undefined || options.out === undefined))
      throw incomplete();
    const files = options.out === undefined ? own : tools.tlsDirectory(resolve(cwd, options.out));
    const authority = options.ca === undefined ? own : tools.tlsDirectory(resolve(cwd, options.ca));
    const names = { name: options.for ?? node.name, hosts: await hostsFor(options, node, files) };
    const info = await tools.certify(files, authority, names);
    const reloaded = options.out === undefined && (await reloadNode(io, options, config));
    show(io, files.cert, info, { reloaded });
    return EXIT.ok;
  },
};

async function showOwn(io: Io, node: NodeConfig, own: TlsDirectory): Promise<number> {
  const { describeCertificate } = await import('../../node/index.js');
  const file = node.tls?.cert ?? own.cert;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ParleyError('NOT_FOUND', `this node has no certificate (${file})`, {
      fix: 'Make a CA and a certificate with `parley node ca`, or have one made where the CA is.',
      cause: error,
    });
  });
  const info = describeCertificate(text, file);
  show(io, file, info, {});
  return info.notAfter.getTime() - Date.now() < SOON_MS ? EXIT.failed : EXIT.ok;
}

async function hostsFor(
  options: CertOptions,
  node: NodeConfig,
  files: TlsDirectory,
): Promise<readonly string[]> {
  if (options.hosts !== undefined) return options.hosts.split(',').map((host) => host.trim());
  const { describeCertificate, hostsOfNode } = await import('../../node/index.js');
  const old = await readFile(files.cert, 'utf8').catch(() => null);
  return old === null ? hostsOfNode(node) : describeCertificate(old, files.cert).hosts;
}

function show(io: Io, file: string, info: CertificateInfo, more: { readonly reloaded?: boolean }): void {
  const { subject, hosts, fingerprint } = info;
  const until = info.notAfter.toISOString();
  if (io.out.json) io.out.document({ file, subject, hosts, until, fingerprint, ...more });
  else {
    io.out.table(
      ['CERTIFICATE', 'SUBJECT', 'VALID UNTIL', 'HOSTS'],
      [[file, subject, until.slice(0, 10), hosts.join(' ')]],
    );
  }
}

function incomplete(): ParleyError {
  return new ParleyError(
    'USAGE',
    '--for needs --hosts (how the others dial it) and --out (a directory to carry there).',
  );
}
