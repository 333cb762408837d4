/** The answer to every request that no handler answered: faults, unknown paths, wrong methods. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { problemOf } from './faults.js';
import { HttpProblem, sendProblem } from './problem.js';

export function addAnswers(app: FastifyInstance, log: Logger): void {
  const methods = new Methods();
  app.addHook('onRoute', ({ url, method }) => methods.add(url, method));
  app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, methods.problemOf(request));
  });
}

export function answerFault(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const problem = problemOf(error);
  if (problem.problem.status === 500) {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error('a request failed', {
      method: request.method,
      url: request.url,
      reason: reasonOf(error),
      stack,
    });
  }
  sendProblem(reply, problem);
}

/** Fastify answers 404 for a known path with an unknown method; RFC 9110 §15.5.6 wants 405 with Allow. */
class Methods {
  readonly #paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  add(url: string, method: string | readonly string[]): void {
    const path = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const name of [method].flat()) path.methods.add(name);
    this.#paths.set(url, path);
  }

  problemOf(request: FastifyRequest): HttpProblem {
    const [path = '/'] = request.url.split('?');
    const methods = [...this.#paths.values()].find(({ pattern }) => pattern.test(path))?.methods;
    if (methods === undefined || methods.has(request.method))
      return new HttpProblem('ROUTE_UNKNOWN', 'Nothing is served at this path.', {
        fix: 'See /openapi.json for what there is.',
      });
    const allow = [...methods].sort().join(', ');
    return new HttpProblem('METHOD_NOT_ALLOWED', `This resource has no ${request.method}.`, {
      fix: `Use ${allow}.`,
      headers: { allow },
    });
  }
}

/** `/v1/rooms/:room` as a pattern for whole paths. */
function patternOf(url: string): RegExp {
  const parts = url.split(/(:[A-Za-z]+|\*)/);
  const source = parts.map((part) =>
    part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`);
}
