/** Signed documents: Ed25519 (RFC 8032) over the bytes that are served, in the header `Parley-Signature`. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { ParleyError, reasonOf } from '../errors.js';

export const SIGNATURE_HEADER = 'parley-signature';
/** A dictionary with one byte sequence (RFC 9651 §3.2). */
const VALUE = /^ed25519=:([A-Za-z0-9+/]{86}==):$/;
const RAW_BYTES = 32;
/** What stands before the 32 bytes of a key (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export interface SigningKey {
  /** The private key: PEM, PKCS #8. */
  readonly pem: string;
  /** What pollers write into their config: `ed25519:` and 44 characters. */
  readonly publicKey: string;
}

export function makeKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicText(publicKey),
  };
}

/** Throws CONFIG_INVALID when it is no such key. */
export function signerOf(pem: string): (bytes: Buffer) => string {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}`);
  } catch (error) {
    throw new ParleyError('CONFIG_INVALID', `http.signingKey cannot be used: ${reasonOf(error)}`, {
      fix: 'Make one: "parley config key <file>".',
    });
  }
  return (bytes) => `ed25519=:${sign(null, bytes, key).toString('base64')}:`;
}

/** `publicKey`: as `makeKey` gives it. */
export function isSigned(bytes: Buffer, header: string | null, publicKey: string): boolean {
  const signature = VALUE.exec(header ?? '')?.[1];
  if (signature === undefined) return false;
  const raw = Buffer.from(publicKey.replace(/^ed25519:/, ''), 'base64');
  if (raw.length !== RAW_BYTES) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, Buffer.from(signature, 'base64'));
}

function publicText(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `ed25519:${der.subarray(-RAW_BYTES).toString('base64')}`;
}
