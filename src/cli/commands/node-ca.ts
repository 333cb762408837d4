import { resolve } from 'node:path';
import { ParleyError } from '../../errors.js';
import type { CertificateInfo } from '../../node/index.js';
import { reloadNode, requireNode } from '../certificates.js';
import type { CommandSpec, Io } from '../command.js';
import { EXIT } from '../exit.js';
import { readConfig } from '../session.js';

interface CaOptions {
  readonly out?: string;
  readonly rotate?: boolean;
  readonly finish?: boolean;
}

export const nodeCaCommand: CommandSpec<CaOptions> = {
  name: 'ca',
  summary: 'make the CA that signs the nodes of a cluster',
  details:
    'Writes ca.pem and ca.key, and this node’s certificate, into the node’s store. Keep ca.key on one machine: whoever ' +
    'has it can add nodes. A rotation: --rotate here, then new certificates for every node, then --finish.',
  examples: [
    ['node ca', 'a CA and a certificate for this node'],
    ['node ca --out /media/stick', 'a CA that is kept elsewhere'],
    ['node ca --rotate', 'a new CA; the old one is trusted until --finish'],
  ],
  options: [
    ['--out <dir>', 'directory of the CA (default: "tls" in the node’s store)'],
    ['--rotate', 'make a new CA beside the one there is'],
    ['--finish', 'trust the new CA only'],
  ],
  async run(io, _args, options) {
    if (options.rotate === true && options.finish === true) throw oneOfThem();
    const config = await readConfig(io, options);
    const node = requireNode(config);
    const tools = await import('../../node/index.js');
    const own = tools.filesOf(node.store).tls;
    const files = options.out === undefined ? own : tools.tlsDirectory(resolve(io.context.cwd, options.out));
    const work = options.rotate
      ? tools.rotateAuthority
      : options.finish
        ? tools.finishAuthority
        : tools.makeAuthority;
    const info = await work(files, `parley ${config.prefix}`);
    const first = options.rotate !== true && options.finish !== true;
    if (first && options.out === undefined) {
      await tools.certify(own, own, { name: node.name, hosts: tools.hostsOfNode(node) });
    }
    const reloaded = options.out === undefined && (await reloadNode(io, options, config));
    show(io, files.ca, info, reloaded);
    if (options.rotate)
      io.out.note('Next: copy ca.pem to every node, `parley node cert --rotate` for each, then --finish.');
    return EXIT.ok;
  },
};

function show(io: Io, file: string, info: CertificateInfo, reloaded: boolean): void {
  const { fingerprint } = info;
  const until = info.notAfter.toISOString();
  if (io.out.json) io.out.document({ file, fingerprint, until, reloaded });
  else io.out.table(['CA', 'VALID UNTIL', 'FINGERPRINT'], [[file, until.slice(0, 10), fingerprint]]);
}

function oneOfThem(): ParleyError {
  return new ParleyError('USAGE', '--rotate begins what --finish ends: give one of them.');
}
