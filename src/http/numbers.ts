import type { FastifyRequest } from 'fastify';

const DIGITS = /^\d{1,15}$/;

/** Bodies are never coerced, and so neither are paths and queries: those among them that are numbers are read here. */
export function numbersIn(...names: readonly string[]) {
  return async ({ params, query }: FastifyRequest): Promise<void> => {
    for (const fields of [params, query] as Record<string, unknown>[]) {
      for (const name of names) {
        const value = fields[name];
        if (typeof value === 'string' && DIGITS.test(value)) fields[name] = Number(value);
      }
    }
  };
}
