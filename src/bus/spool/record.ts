/**
 * How the spool's files are made of records. Pure.
 *
 * Problem: a process that is killed leaves half a record at the end, and a disk may turn bits anywhere. Idea: each record
 * begins with bytes that UTF-8 never has and carries the CRC-32 of the rest, so that behind a damaged one the next is
 * found again. What it cannot do: tell apart damage that CRC-32 takes for right (one in four thousand million).
 *
 * Layout, little endian: mark u32, CRC-32 u32 of all that follows, length of the payload u32, kind u8, flags u8,
 * place u48, time u48 (ms since 1970), payload.
 */
import { crc32 } from 'node:zlib';

const MARK = 0xf55059f6;
const MARK_BYTES = Buffer.from([0xf6, 0x59, 0x50, 0xf5]);
export const HEAD_BYTES = 26;
const CHECKED_FROM = 8;
/** More than nats-server lets a message have (64 MiB): a length beyond is damage. */
const MAX_PAYLOAD_BYTES = 80 * 1024 * 1024;

const KINDS = ['event', 'said', 'done'] as const;
const MAYBE_STORED = 1;

/** One event that waits for the stream. */
export interface EventRecord {
  readonly kind: 'event';
  /** Counts up over all files. */
  readonly place: number;
  /** When it was accepted, ms since 1970. */
  readonly time: number;
  readonly id: string;
  readonly subject: string;
  readonly data: Uint8Array;
  /** It was sent before without an answer: the stream may have it. */
  readonly maybeStored: boolean;
}

/** A network has said an event that the stream does not have yet. */
export interface SaidRecord {
  readonly kind: 'said';
  readonly network: string;
  readonly id: string;
}

/** Every event up to `place` is in the stream. */
export interface DoneRecord {
  readonly kind: 'done';
  readonly place: number;
}

export type SpoolRecord = EventRecord | SaidRecord | DoneRecord;

/** Where a scan goes on: behind a record, or behind what is damaged; `end`: nothing whole comes any more. */
export type Scanned =
  | { readonly kind: 'record'; readonly record: SpoolRecord; readonly next: number }
  | { readonly kind: 'damaged'; readonly next: number }
  | { readonly kind: 'end' };

export function encodeRecord(record: SpoolRecord): Buffer {
  switch (record.kind) {
    case 'event': {
      const { id, subject, data, place, time, maybeStored } = record;
      const payload = [texts(id, subject), data];
      return framed(record.kind, payload, { flags: maybeStored ? MAYBE_STORED : 0, place, time });
    }
    case 'said':
      return framed(record.kind, [texts(record.network, record.id)], { flags: 0, place: 0, time: 0 });
    case 'done':
      return framed(record.kind, [], { flags: 0, place: record.place, time: 0 });
  }
}

/** Reads what begins at `offset`. */
export function scanRecord(buffer: Buffer, offset: number): Scanned {
  const found = recordAt(buffer, offset);
  if (found !== null) return found;
  for (let at = offset + 1; ; at += 1) {
    at = buffer.indexOf(MARK_BYTES, at);
    if (at < 0) return { kind: 'end' };
    if (recordAt(buffer, at) !== null) return { kind: 'damaged', next: at };
  }
}

interface Head {
  readonly flags: number;
  readonly place: number;
  readonly time: number;
}

function framed(kind: SpoolRecord['kind'], payload: readonly Uint8Array[], head: Head): Buffer {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  const buffer = Buffer.allocUnsafe(HEAD_BYTES + length);
  buffer.writeUInt32LE(MARK, 0);
  buffer.writeUInt32LE(length, 8);
  buffer.writeUInt8(KINDS.indexOf(kind) + 1, 12);
  buffer.writeUInt8(head.flags, 13);
  buffer.writeUIntLE(head.place, 14, 6);
  buffer.writeUIntLE(head.time, 20, 6);
  let at = HEAD_BYTES;
  for (const part of payload) {
    buffer.set(part, at);
    at += part.length;
  }
  buffer.writeUInt32LE(crc32(buffer.subarray(CHECKED_FROM)), 4);
  return buffer;
}

function recordAt(buffer: Buffer, offset: number): (Scanned & { readonly kind: 'record' }) | null {
  if (buffer.length - offset < HEAD_BYTES || buffer.readUInt32LE(offset) !== MARK) return null;
  const length = buffer.readUInt32LE(offset + 8);
  const next = offset + HEAD_BYTES + length;
  if (length > MAX_PAYLOAD_BYTES || next > buffer.length) return null;
  if (crc32(buffer.subarray(offset + CHECKED_FROM, next)) !== buffer.readUInt32LE(offset + 4)) return null;
  const record = read(buffer.subarray(offset, next));
  return record === null ? null : { kind: 'record', record, next };
}

/** Null for a kind that a later version may have written. */
function read(bytes: Buffer): SpoolRecord | null {
  const kind = KINDS[bytes.readUInt8(12) - 1];
  const place = bytes.readUIntLE(14, 6);
  if (kind === 'done') return { kind, place };
  const first = textAt(bytes, HEAD_BYTES);
  const second = first === null ? null : textAt(bytes, first.next);
  if (first === null || second === null || kind === undefined) return null;
  if (kind === 'said') return { kind, network: first.text, id: second.text };
  return {
    kind,
    place,
    time: bytes.readUIntLE(20, 6),
    id: first.text,
    subject: second.text,
    data: bytes.subarray(second.next),
    maybeStored: (bytes.readUInt8(13) & MAYBE_STORED) !== 0,
  };
}

/** Two texts, each behind its length in bytes. */
function texts(one: string, two: string): Buffer {
  const parts = [Buffer.from(one), Buffer.from(two)];
  return Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(part.length);
  return length;
}

function textAt(bytes: Buffer, at: number): { readonly text: string; readonly next: number } | null {
  if (at + 2 > bytes.length) return null;
  const next = at + 2 + bytes.readUInt16LE(at);
  return next > bytes.length ? null : { text: bytes.toString('utf8', at + 2, next), next };
}
