/** How much one caller may ask for. */
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../config/index.js';
import { isLoopback } from './listen.js';
import { HttpProblem } from './problem.js';

export const BODY_LIMIT_BYTES = 256 * 1024;

export interface RateLimit {
  readonly max: number;
  readonly windowMs: number;
}

/** A caller on this machine can exhaust it in other ways; one from outside gets 1,000/s with bursts of ten times that. */
const OUTSIDE_LIMIT: RateLimit = { max: 10_000, windowMs: 10_000 };

export function rateLimitOf({ rateLimit, listen }: HttpConfig): RateLimit | null {
  if (rateLimit !== undefined) return rateLimit;
  return isLoopback(listen.host) ? null : OUTSIDE_LIMIT;
}

/**
 * Counts per caller in windows that all begin at the same moment: one Map look-up per request and one Map to drop per
 * window. Not @fastify/rate-limit: its hook awaits a store on every request, and its limit cannot be changed by a
 * reload.
 */
export class RateLimiter {
  limit: RateLimit | null;
  #counts = new Map<string, number>();
  #endsMs = 0;

  constructor(limit: RateLimit | null) {
    this.limit = limit;
  }

  /** Counts one request. Null: go on. Else the ms until the caller may ask again. */
  take(caller: string, nowMs: number): number | null {
    if (this.limit === null) return null;
    if (nowMs >= this.#endsMs) {
      this.#counts = new Map();
      this.#endsMs = nowMs + this.limit.windowMs;
    }
    const count = (this.#counts.get(caller) ?? 0) + 1;
    this.#counts.set(caller, count);
    return count <= this.limit.max ? null : this.#endsMs - nowMs;
  }
}

/** Counts by token; by address where there is none. To be called after `guard`. */
export function addRateLimit(app: FastifyInstance, limiter: RateLimiter): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (limiter.limit === null) return done();
    const caller = request.grant === null ? `address ${request.ip}` : `token ${request.grant.name}`;
    const waitMs = limiter.take(caller, performance.now());
    if (waitMs === null) done();
    else done(exceeded(limiter.limit, waitMs));
  });
}

function exceeded({ max, windowMs }: RateLimit, waitMs: number): HttpProblem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HttpProblem('RATE_LIMITED', `More than ${max} requests within ${windowMs / 1000} s.`, {
    fix: `Wait ${seconds} s. Several messages can go in one request, as a JSON array.`,
    headers: { 'retry-after': String(seconds) },
  });
}
