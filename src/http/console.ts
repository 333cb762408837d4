/** The console at /console/: files that `npm run build` made, read once, with a policy that lets the page load only them. */
import { hash } from 'node:crypto';
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

/** The build writes these beside each file that is worth it, the best first. */
const CODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

interface ServedFile {
  readonly type: string;
  /** Of what is in it, RFC 9110 §8.8.3. */
  readonly etag: string;
  readonly plain: Buffer;
  /** By coding; none: it is too small for that. */
  readonly coded: ReadonlyMap<string, Buffer>;
}

export function consoleRoutes(app: FastifyInstance, directory: string): void {
  const files = filesIn(directory);
  const route = { config: { scope: 'none' }, schema: { hide: true } } as const;
  app.get('/console', route, (_request, reply) => reply.redirect('console/', 308));
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

function send({ headers }: FastifyRequest, reply: FastifyReply, { type, etag, plain, coded }: ServedFile) {
  reply.headers(PAGE_HEADERS).headers({ etag, vary: 'Accept-Encoding' });
  if (headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  reply.header('content-type', type);
  const taken = codingsIn(headers['accept-encoding']);
  const coding = CODINGS.find(({ name }) => taken.has(name) && coded.has(name));
  if (coding === undefined) return reply.send(plain);
  return reply.header('content-encoding', coding.name).send(coded.get(coding.name));
}

/** Those that the client takes; weights other than none at all do not matter among two. */
function codingsIn(accepted: string | string[] | undefined): ReadonlySet<string> {
  const offers = String(accepted ?? '')
    .toLowerCase()
    .split(',');
  const taken = offers.filter((offer) => !/;\s*q=0(?:\.0*)?\s*$/.test(offer));
  return new Set(taken.map((offer) => offer.replace(/;.*/, '').trim()));
}

/** By path below `directory`; none when it is not there. */
function filesIn(directory: string): ReadonlyMap<string, ServedFile> {
  const names = namesIn(directory);
  const served = names.filter((name) => extname(name) in TYPES);
  return new Map(
    served.map((name) => {
      const plain = readFileSync(join(directory, name));
      const coded = CODINGS.filter(({ suffix }) => names.includes(name + suffix)).map(
        (coding) => [coding.name, readFileSync(join(directory, name + coding.suffix))] as const,
      );
      const file = { type: TYPES[extname(name)] ?? '', etag: etagOf(plain), plain, coded: new Map(coded) };
      return [name.replaceAll('\\', '/'), file];
    }),
  );
}

/** Weak: the same page under any coding. */
function etagOf(content: Buffer): string {
  return `W/"${hash('sha256', content, 'base64url').slice(0, 22)}"`;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
