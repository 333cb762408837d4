/**
 * The CA and the certificates as files: `ca.pem`, `ca.key`, `node.pem`, `node.key` in a directory, the store's `tls` by
 * default. A rotation of the CA takes three steps, so that at no moment two nodes trust nothing in common: every node
 * trusts both CAs (`rotateAuthority`), every node gets a certificate of the new one (`certify`), every node trusts the
 * new one only (`finishAuthority`). A running server takes each step by a reload; no connection is dropped.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { NodeConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import {
  type Authority,
  type CertificateInfo,
  certificatesOf,
  createAuthority,
  createKey,
  describeCertificate,
  issueCertificate,
  type NodeNames,
  onlyAuthority,
  withAuthority,
} from './ca/index.js';
import { parseAddress } from './host-port.js';
import { writePrivately } from './private-file.js';

export interface TlsDirectory {
  readonly directory: string;
  readonly ca: string;
  readonly caKey: string;
  readonly cert: string;
  readonly key: string;
}

export function tlsDirectory(directory: string): TlsDirectory {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    ca: at('ca.pem'),
    caKey: at('ca.key'),
    cert: at('node.pem'),
    key: at('node.key'),
  };
}

/** A CA in the directory. Throws CERTIFICATE_INVALID when there is one. */
export async function makeAuthority(files: TlsDirectory, name: string): Promise<CertificateInfo> {
  if (existsSync(files.caKey) || existsSync(files.ca)) {
    throw new ParleyError('CERTIFICATE_INVALID', `${files.directory} has a CA already`, {
      fix: 'Use that one, name another directory with --out, or begin a new one beside it with --rotate.',
    });
  }
  return keep(files, await createAuthority(name));
}

/** A new CA that signs from now on; the old one is trusted until `finishAuthority`. */
export async function rotateAuthority(files: TlsDirectory, name: string): Promise<CertificateInfo> {
  const { cert: old } = await readAuthority(files);
  const made = await createAuthority(name);
  await keep(files, { ...made, cert: withAuthority(made.cert, old) });
  return describeCertificate(made.cert);
}

/** Trusts no CA but the one whose key is here. Throws CERTIFICATE_INVALID while this node's certificate is another's. */
export async function finishAuthority(files: TlsDirectory): Promise<CertificateInfo> {
  const { cert } = await readAuthority(files);
  const newest = describeCertificate(cert, files.ca);
  const [authority] = certificatesOf(cert, files.ca);
  const [own] = existsSync(files.cert) ? certificatesOf(await readFile(files.cert, 'utf8'), files.cert) : [];
  if (own !== undefined && authority !== undefined && !own.verify(authority.publicKey)) {
    throw new ParleyError('CERTIFICATE_INVALID', `${files.cert} is still of the old CA`, {
      fix: 'Make new certificates first: `parley node cert --rotate`, for every node.',
    });
  }
  await writePrivately(files.ca, onlyAuthority(cert, newest.fingerprint));
  return newest;
}

/** A new key and certificate in `files`, signed by the CA in `authority`, whose trusted CAs come along. */
export async function certify(
  files: TlsDirectory,
  authority: TlsDirectory,
  names: NodeNames,
): Promise<CertificateInfo> {
  const signer = await readAuthority(authority);
  const { key, request } = await createKey(names.name);
  const cert = await issueCertificate(signer, request, names);
  await mkdirPrivately(files.directory);
  await writePrivately(files.key, key);
  await writePrivately(files.cert, cert);
  if (files.directory !== authority.directory) await writePrivately(files.ca, signer.cert);
  return describeCertificate(cert);
}

/** How this node is dialled, as far as the config and the machine tell. */
export function hostsOfNode({ listen, cluster, leaf }: NodeConfig): readonly string[] {
  const listeners = [listen.host, cluster?.listen.host, leaf?.listen.host].filter(
    (host) => host !== undefined,
  );
  const open = listeners.some((host) => host === '0.0.0.0' || host === '::');
  const named = listeners.filter((host) => host !== '0.0.0.0' && host !== '::');
  const advertised = cluster?.advertise === undefined ? [] : [parseAddress(cluster.advertise).host];
  const machine = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // A link-local address holds on one link, and is written with its interface.
  const reachable = machine.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  const addresses = open ? reachable.map(({ address }) => address) : [];
  return [
    ...new Set([
      ...advertised,
      ...named,
      ...addresses,
      ...(open ? [hostname()] : []),
      'localhost',
      '127.0.0.1',
      '::1',
    ]),
  ];
}

/** Throws CERTIFICATE_INVALID when the CA is not here, or is damaged. The first certificate of `cert` is the key's. */
async function readAuthority(files: TlsDirectory): Promise<Authority> {
  try {
    const [cert, key] = await Promise.all([readFile(files.ca, 'utf8'), readFile(files.caKey, 'utf8')]);
    return { cert, key };
  } catch (error) {
    throw new ParleyError('CERTIFICATE_INVALID', `no CA in ${files.directory}: ${reasonOf(error)}`, {
      fix: 'Make one with `parley node ca`, or name the directory that has it with --ca; the CA’s key stays on one machine.',
      cause: error,
    });
  }
}

async function keep(files: TlsDirectory, authority: Authority): Promise<CertificateInfo> {
  await mkdirPrivately(files.directory);
  await writePrivately(files.caKey, authority.key);
  await writePrivately(files.ca, authority.cert);
  return describeCertificate(authority.cert);
}

async function mkdirPrivately(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  } catch (error) {
    throw new ParleyError('STORE_UNWRITABLE', `cannot write to ${directory}: ${reasonOf(error)}`, {
      fix: 'Give this user the directory, or name another one.',
      cause: error,
    });
  }
}
