/** Which certificate this node shows the others, and whether it is good. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { NodeConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import { type CertificateInfo, checkCertificate } from './ca/index.js';
import type { StoreFiles } from './store.js';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Those that the config names, or those that the store has; null: none. */
export function findTls(config: NodeConfig, files: StoreFiles): TlsFiles | null {
  if (config.tls !== undefined) return config.tls;
  const { ca, cert, key } = files.tls;
  return existsSync(cert) ? { ca, cert, key } : null;
}

/** Throws CERTIFICATE_INVALID for files that a server could not use. */
export async function checkTls(tls: TlsFiles): Promise<CertificateInfo> {
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map(readPem));
  return checkCertificate({ ca: ca ?? '', cert: cert ?? '', key: key ?? '', from: tls });
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ParleyError('CERTIFICATE_INVALID', `cannot read ${file}: ${reasonOf(error)}`, {
      fix: 'Let this user read the file, or make a new certificate with `parley node cert --rotate`.',
      cause: error,
    });
  }
}
