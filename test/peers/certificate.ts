import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** Paths of PEM files. The certificate signs itself: give `cert` as the CA to trust. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, lower case hex without colons: what IRC services call the fingerprint. */
  readonly fingerprint: string;
}

/** Makes a certificate for `localhost` and 127.0.0.1, valid for two days, in `directory`. */
export async function makeCertificate(directory: string, name = 'server'): Promise<Certificate> {
  const cert = join(directory, `${name}.pem`);
  const key = join(directory, `${name}.key`);
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}.parley.test`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  const { fingerprint256 } = new X509Certificate(await readFile(cert));
  return { cert, key, fingerprint: fingerprint256.replaceAll(':', '').toLowerCase() };
}
