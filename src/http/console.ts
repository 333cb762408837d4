/** The console at /console/: files that `npm run build` made, read once, with a policy that lets the page load only them. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.js';

/** What runs in the page is ours, and talks to this server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};
/** The name of an asset holds the hash of what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface ServedFile {
  readonly type: string;
  readonly plain: Buffer;
  /** Compressed by the build; null: it is too small for that. */
  readonly brotli: Buffer | null;
}

export function consoleRoutes(app: FastifyInstance, directory: string): void {
  const files = filesIn(directory);
  const route = { config: { scope: 'none' }, schema: { hide: true } } as const;
  app.get('/console', route, (_request, reply) => reply.redirect('/console/', 308));
  app.get('/console/', route, (request, reply) => {
    const page = files.get('index.html');
    if (page === undefined)
      throw new HttpProblem('NOT_FOUND', 'The console was not built.', { fix: 'Run `npm run build`.' });
    return send(request, reply.header('cache-control', 'no-cache'), page);
  });
  app.get<{ Params: { file: string } }>('/console/assets/:file', route, (request, reply) => {
    const file = files.get(`assets/${request.params.file}`);
    if (file === undefined)
      throw new HttpProblem('NOT_FOUND', 'The console has no such file.', {
        fix: 'Load /console/ again: it may be of another version.',
      });
    return send(request, reply.header('cache-control', FOR_EVER), file);
  });
}

function send(request: FastifyRequest, reply: FastifyReply, { type, plain, brotli }: ServedFile) {
  reply.headers(PAGE_HEADERS).header('content-type', type).header('vary', 'Accept-Encoding');
  const takesBrotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (brotli === null || !takesBrotli) return reply.send(plain);
  return reply.header('content-encoding', 'br').send(brotli);
}

/** By path below `directory`; none when it is not there. */
function filesIn(directory: string): ReadonlyMap<string, ServedFile> {
  const names = namesIn(directory);
  const served = names.filter((name) => extname(name) in TYPES);
  return new Map(
    served.map((name) => [
      name.replaceAll('\\', '/'),
      {
        type: TYPES[extname(name)] ?? '',
        plain: readFileSync(join(directory, name)),
        brotli: names.includes(`${name}.br`) ? readFileSync(join(directory, `${name}.br`)) : null,
      },
    ]),
  );
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
