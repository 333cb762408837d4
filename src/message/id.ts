/**
 * Event ids: 26 characters of Crockford base 32, ten of time (ms) and sixteen that tell events of one ms apart
 * (the ULID layout, github.com/ulid/spec), so that text order is time order.
 */
import { hash, randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const MAX_TIME_MS = 2 ** 48 - 1;
const COUNTER_CHARS = 8;

/** Where a native message id came from; `time` and `room` keep apart what shares an id. */
export interface NativeIdentity {
  readonly network: string;
  readonly nativeId: string;
  /** The network's own clock. Never ours: a replay must give the same id. */
  readonly time?: Date;
  readonly room?: string;
}

let lastMs = -1;
let lastTime = '';
let random = '';
let counter = 0;

/**
 * A new id, greater than every id this process made before, also when the clock goes back.
 * @param now ms since 1970
 */
export function newId(now: number = Date.now()): string {
  if (now > lastMs) startMillisecond(now);
  else counter += 1;
  return lastTime + random + digits(counter, COUNTER_CHARS);
}

/** The same id for the same native message, whenever and however often it comes in. */
export function derivedId(identity: NativeIdentity): string {
  const key = `${identity.network}\0${identity.nativeId}\0${identity.room ?? ''}`;
  const digest = hash('sha256', key, 'buffer');
  return digits(clampTime(identity.time?.getTime() ?? 0), TIME_CHARS) + base32(digest.subarray(0, 10));
}

/** The time part of an id, ms since 1970; 0 for an id derived without a clock. NaN when it is no such id. */
export function idTimeMs(id: string): number {
  let time = 0;
  for (const char of id.slice(0, TIME_CHARS)) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) return Number.NaN;
    time = time * 32 + digit;
  }
  return id.length < TIME_CHARS ? Number.NaN : time;
}

/** One call of the system's generator serves many ids: it costs more than everything else here. */
const POOL_BYTES = 4096;
const pool = { bytes: Buffer.alloc(0), used: 0 };

function randomPart(length: number): Buffer {
  if (pool.used + length > pool.bytes.length) {
    pool.bytes = randomBytes(POOL_BYTES);
    pool.used = 0;
  }
  pool.used += length;
  return pool.bytes.subarray(pool.used - length, pool.used);
}

/** 40 random bits, then a 40-bit counter whose top bit starts at 0: it cannot overflow within one ms. */
function startMillisecond(now: number): void {
  const bytes = randomPart(10);
  lastMs = now;
  lastTime = digits(clampTime(now), TIME_CHARS);
  random = base32(bytes.subarray(0, 5));
  counter = bytes.readUIntBE(5, 5) % 2 ** 39;
}

function clampTime(ms: number): number {
  return ms >= 0 ? Math.min(Math.floor(ms), MAX_TIME_MS) : 0;
}

function digits(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < length; i += 1) {
    text = DIGITS.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Five bytes to eight characters. */
function base32(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i + 5 <= bytes.length; i += 5) text += digits(bytes.readUIntBE(i, 5), 8);
  return text;
}
