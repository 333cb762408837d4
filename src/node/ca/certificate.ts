/** Reading and checking certificates: Node's own X.509, nothing to load. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { ParleyError, reasonOf } from '../../errors.js';
import type { CertificateInfo } from './types.js';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The PEM texts and what to call them in errors, such as their paths. */
export interface CertificateTexts {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly from: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** Every certificate of a PEM text, in its order. Throws CERTIFICATE_INVALID when there is none; `from` begins the message. */
export function certificatesOf(text: string, from: string): readonly X509Certificate[] {
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0) throw invalid(from, 'expected a certificate in PEM form');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    throw invalid(from, `not a certificate: ${reasonOf(error)}`, error);
  }
}

/** The first certificate of the text. Throws CERTIFICATE_INVALID. */
export function describeCertificate(text: string, from = 'certificate'): CertificateInfo {
  const [cert] = certificatesOf(text, from);
  if (cert === undefined) throw invalid(from, 'expected a certificate in PEM form');
  return {
    subject: cert.subject,
    issuer: cert.issuer,
    notBefore: new Date(cert.validFrom),
    notAfter: new Date(cert.validTo),
    fingerprint: fingerprintOf(cert),
    hosts: hostsOf(cert),
  };
}

/**
 * That the node can use these: signed by one of the CAs, now valid, and the key is the certificate's. Throws
 * CERTIFICATE_INVALID.
 */
export function checkCertificate(texts: CertificateTexts, now = new Date()): CertificateInfo {
  const { from } = texts;
  const authorities = certificatesOf(texts.ca, from.ca);
  // A chain: the node's own first, then those between it and the CA.
  const chain = certificatesOf(texts.cert, from.cert);
  const info = describeCertificate(texts.cert, from.cert);
  if (!isTrusted(chain, authorities)) {
    throw invalid(from.cert, `${info.subject} is not signed by a CA of ${from.ca}`);
  }
  if (info.notAfter <= now) throw invalid(from.cert, `it expired at ${info.notAfter.toISOString()}`);
  if (info.notBefore > now) {
    throw invalid(
      from.cert,
      `it holds from ${info.notBefore.toISOString()} on only; check this machine's clock`,
    );
  }
  if (chain[0]?.checkPrivateKey(privateKey(texts)) !== true) {
    throw invalid(from.key, `it is not the key of ${from.cert}`);
  }
  return info;
}

/** Whether it holds for this host name or address (`*.example.org` for one label). */
export function checkHost({ hosts }: CertificateInfo, host: string): boolean {
  const wanted = isIPv6(host) ? shortForm(host) : host.toLowerCase();
  return hosts.some((each) => {
    const name = each.toLowerCase();
    return name === wanted || (name.startsWith('*.') && wanted.slice(wanted.indexOf('.')) === name.slice(1));
  });
}

/** `text` with the authorities of `other` as well: during a rotation the nodes trust both. */
export function withAuthority(text: string, other: string): string {
  const all = [...certificatesOf(text, 'ca.pem'), ...certificatesOf(other, 'ca.pem')];
  const unique = new Map(all.map((cert) => [cert.fingerprint256, cert]));
  return bundle([...unique.values()]);
}

/** `text` with the authority of this fingerprint alone: the end of a rotation. Throws CERTIFICATE_INVALID when it lacks that one. */
export function onlyAuthority(text: string, fingerprint: string): string {
  const kept = certificatesOf(text, 'ca.pem').filter((cert) => fingerprintOf(cert) === fingerprint);
  if (kept.length === 0) throw invalid('ca.pem', `it has no CA with the fingerprint ${fingerprint}`);
  return bundle(kept);
}

function bundle(certs: readonly X509Certificate[]): string {
  return certs
    .map((cert) => cert.toString().trimEnd())
    .join('\n')
    .concat('\n');
}

function isTrusted(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  const [leaf, ...between] = chain;
  if (leaf === undefined) return false;
  let current = leaf;
  for (let length = 0; length <= between.length; length += 1) {
    if (authorities.some((authority) => isSigned(current, authority))) return true;
    const next = between.find((cert) => isSigned(current, cert));
    if (next === undefined) return false;
    current = next;
  }
  return false;
}

function isSigned(cert: X509Certificate, by: X509Certificate): boolean {
  return by.ca && cert.checkIssued(by) && cert.verify(by.publicKey);
}

function privateKey({ key, from }: CertificateTexts) {
  try {
    return createPrivateKey(key);
  } catch (error) {
    throw invalid(from.key, 'expected a private key in PEM form without a passphrase', error);
  }
}

/** `DNS:localhost, IP Address:127.0.0.1` → host names and addresses, IPv6 ones in their short form. */
function hostsOf(cert: X509Certificate): readonly string[] {
  const found = (cert.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s"]+)/g);
  return [...found].map(([, host = '']) => (isIPv6(host) ? shortForm(host) : host));
}

function shortForm(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function fingerprintOf(cert: X509Certificate): string {
  return cert.fingerprint256.replaceAll(':', '').toLowerCase();
}

function invalid(from: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('CERTIFICATE_INVALID', `${from}: ${reason}`, {
    fix: 'Make a new one with `parley node cert --rotate` where the CA is, or name other files as "node.tls" in the config.',
    cause,
  });
}
