/**
 * A certificate authority for the nodes of one cluster. Pure computation: who keeps the key, and where, is the caller's.
 *
 * Every node certificate is both a server's and a client's (routes and leafs verify both ends) and holds for named
 * hosts only. The names come from whoever lets the node in, never from its request: a request that asks for another
 * node's address must not get it.
 */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { ParleyError, reasonOf } from '../../errors.js';
import type { Authority, KeyPair, NodeNames } from './types.js';
import { x509 } from './x509.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
const DAY_MS = 86_400_000;
/** Clocks differ between machines: a certificate made a moment ago must hold everywhere. */
const BACKDATED_MS = 5 * 60_000;
const NAME = /^[A-Za-z0-9._ -]{1,64}$/;
const HOST = /^[A-Za-z0-9._-]{1,253}$/;

/** `name` is the common name, shown by tools: `parley cluster`. */
export async function createAuthority(name: string, days = AUTHORITY_DAYS): Promise<Authority> {
  const tools = await x509();
  const keys = await newKeys();
  const cert = await tools.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [checkedName(name)] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(days),
    extensions: [
      // A path of 0: nodes cannot let others in on their own.
      new tools.BasicConstraintsExtension(true, 0, true),
      new tools.KeyUsagesExtension(
        tools.KeyUsageFlags.keyCertSign | tools.KeyUsageFlags.cRLSign | tools.KeyUsageFlags.digitalSignature,
        true,
      ),
      await tools.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert.toString('pem')), key: await keyPem(keys.privateKey) };
}

/** The key stays on its machine; the request goes to the authority. */
export async function createKey(name: string): Promise<KeyPair> {
  const tools = await x509();
  const keys = await newKeys();
  const request = await tools.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [checkedName(name)] }],
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return { key: await keyPem(keys.privateKey), request: pem(request.toString('pem')) };
}

/** The node's certificate as PEM. Throws CERTIFICATE_INVALID for a request that is damaged or not signed by its own key. */
export async function issueCertificate(
  authority: Authority,
  request: string,
  names: NodeNames,
  days = CERTIFICATE_DAYS,
): Promise<string> {
  const tools = await x509();
  const asked = await checkedRequest(request);
  const issuer = new tools.X509Certificate(authority.cert);
  const { KeyUsageFlags, ExtendedKeyUsage } = tools;
  const cert = await tools.X509CertificateGenerator.create({
    subject: [{ CN: [checkedName(names.name)] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey: asked.publicKey,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: ALGORITHM,
    ...validity(days, issuer.notAfter),
    extensions: [
      new tools.BasicConstraintsExtension(false, undefined, true),
      new tools.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new tools.ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new tools.SubjectAlternativeNameExtension(alternatives(names.hosts)),
      await tools.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await tools.SubjectKeyIdentifierExtension.create(asked.publicKey),
    ],
  });
  return pem(cert.toString('pem'));
}

async function checkedRequest(text: string) {
  const tools = await x509();
  try {
    const request = new tools.Pkcs10CertificateRequest(text);
    if (await request.verify()) return request;
  } catch (error) {
    throw badRequest(reasonOf(error), error);
  }
  throw badRequest('its signature is not by its own key');
}

function badRequest(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('CERTIFICATE_INVALID', `certificate request: ${reason}`, {
    fix: 'Make a new request and ask again.',
    cause,
  });
}

async function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function signingKey(text: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  try {
    return await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  } catch (error) {
    throw new ParleyError('CERTIFICATE_INVALID', `the key of the CA: ${reasonOf(error)}`, {
      fix: 'Give the CA key that `parley node ca` wrote (PKCS #8, ECDSA P-256).',
      cause: error,
    });
  }
}

/** No certificate outlives its authority: it would look well and be refused. */
function validity(days: number, atMost = new Date(8.64e15)) {
  const now = Date.now();
  return {
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(Math.min(now + days * DAY_MS, atMost.getTime())),
  };
}

function alternatives(hosts: readonly string[]) {
  return [...new Set(hosts)].map((host) => {
    if (isIP(host) !== 0) return { type: 'ip' as const, value: host };
    if (HOST.test(host)) return { type: 'dns' as const, value: host };
    throw badName(host);
  });
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw badName(name);
}

function badName(name: string): ParleyError {
  return new ParleyError('CERTIFICATE_INVALID', `no certificate for the name ${JSON.stringify(name)}`, {
    fix: 'Take a host name, an IP address, or a node name of letters, digits, ".", "_" and "-".',
  });
}

function pem(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
