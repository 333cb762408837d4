/** Codes that are said once. Only their hash is kept: they are random enough that nothing slower is needed. */
import { hash, randomBytes } from 'node:crypto';

/** Crockford base 32: nothing that reads like something else. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP = 4;
/** 80 and 60 random bits. */
export const LONG = 16;
export const SHORT = 12;

/** `7XK2-9QFM-…`: so many characters in groups of four. */
export function newCode(chars: number): string {
  const digits = [...randomBytes(chars)].map((byte) => DIGITS.charAt(byte % DIGITS.length)).join('');
  return digits.replace(new RegExp(`(.{${GROUP}})(?=.)`, 'g'), '$1-');
}

/** Of what somebody typed: in any case, with or without the lines between the groups. */
export function hashOf(code: string): string {
  const plain = code
    .slice(0, 100)
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return hash('sha256', plain, 'hex');
}
