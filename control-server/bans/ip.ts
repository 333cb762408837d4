/** IP addresses and ranges of them (CIDR, RFC 4632; IPv6 text, RFC 4291 §2.2). */
import { isIP, isIPv4 } from 'node:net';

export interface IpRange {
  readonly bytes: Uint8Array;
  /** Bits that have to agree. */
  readonly prefix: number;
}

/** `192.0.2.0/24`, `2001:db8::1`; null: it is none. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is IPv4. */
export function parseRange(text: string): IpRange | null {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const full = fullBytes(address);
  if (full === null) return null;
  const given = length === undefined ? full.length * 8 : Number(length);
  if (given > full.length * 8) return null;
  const bytes = withoutMapping(full);
  const prefix = given - (full.length - bytes.length) * 8;
  return prefix < 0 ? null : { bytes: masked(bytes, prefix), prefix };
}

/** The 4 or 16 bytes of an address; null: it is none. */
export function parseAddress(text: string): Uint8Array | null {
  const bytes = fullBytes(text);
  return bytes === null ? null : withoutMapping(bytes);
}

/** The same for every address of a range of this length. */
export function rangeKey(bytes: Uint8Array, prefix: number): string {
  return Buffer.from(masked(bytes, prefix)).toString('latin1');
}

export function isWithin(address: Uint8Array, range: IpRange): boolean {
  return (
    address.length === range.bytes.length &&
    rangeKey(address, range.prefix) === rangeKey(range.bytes, range.prefix)
  );
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(Math.max(prefix - index * 8, 0), 8);
    return byte & (0xff << (8 - kept));
  });
}

function fullBytes(text: string): Uint8Array | null {
  // A zone (`fe80::1%eth0`) is the machine's own matter.
  if (isIP(text) === 0 || text.includes('%')) return null;
  return isIPv4(text) ? fourBytes(text) : sixteenBytes(text);
}

function fourBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split('.').map(Number));
}

function sixteenBytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const before = groupBytes(head);
  const after = tail === undefined ? [] : groupBytes(tail);
  const gap = Array.from({ length: 16 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...gap, ...after]);
}

function groupBytes(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return [...fourBytes(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function withoutMapping(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16) return bytes;
  const isMapped = bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff));
  return isMapped ? bytes.subarray(12) : bytes;
}
