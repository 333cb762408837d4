import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/index.js';
import { startGateway } from '../../src/gateway/index.js';
import { silentLogger } from '../../src/log.js';
import { temporaryDirectory } from '../peers/index.js';
import { type Answer, parley } from './run-parley.js';

const CONFIG = `
node: { name: alpha, listen: "127.0.0.1:auto", store: ./data }
http: off
networks: {}
rooms: {}
`;

interface Place {
  readonly cwd: string;
  /** Runs `parley node …` there. */
  run(...args: readonly string[]): Promise<Answer>;
  certificate(file: string): Promise<X509Certificate>;
}

async function place(t: ExecutionContext): Promise<Place> {
  const cwd = await temporaryDirectory(t, 'node');
  await writeFile(join(cwd, 'parley.yaml'), CONFIG);
  return {
    cwd,
    run: (...args) => parley(['node', ...args], { cwd }),
    certificate: async (file) => new X509Certificate(await readFile(join(cwd, file))),
  };
}

test('node ca - makes a CA and the certificate of this node, readable by their owner only', async (t) => {
  const { cwd, run, certificate } = await place(t);
  const made = await run('ca', '--json');
  t.is(made.code, 0, made.stderr);
  const ca = await certificate('data/tls/ca.pem');
  const own = await certificate('data/tls/node.pem');
  const answer = JSON.parse(made.stdout) as { fingerprint: string; reloaded: boolean };
  t.is(answer.fingerprint, ca.fingerprint256.replaceAll(':', '').toLowerCase());
  t.false(answer.reloaded);
  t.true(own.checkIssued(ca) && own.verify(ca.publicKey));
  t.is(own.checkIP('127.0.0.1'), '127.0.0.1');
  for (const file of ['ca.pem', 'ca.key', 'node.pem', 'node.key']) {
    t.is((await stat(join(cwd, 'data/tls', file))).mode & 0o777, 0o600, file);
  }
  const again = await run('ca');
  t.is(again.code, 5);
  t.regex(again.stderr, /has a CA already/);
});

test('node cert - shows the certificate, and says how to get one', async (t) => {
  const { run } = await place(t);
  const none = await run('cert');
  t.is(none.code, 4);
  t.regex(none.stderr, /parley node ca/);
  await run('ca');
  const shown = await run('cert', '--json');
  t.is(shown.code, 0, shown.stderr);
  t.like(JSON.parse(shown.stdout), { subject: 'CN=alpha' });
});

test('node cert - makes a certificate for another machine', async (t) => {
  const { run, certificate } = await place(t);
  await run('ca');
  const made = await run(
    'cert',
    '--rotate',
    '--for',
    'beta',
    '--hosts',
    'beta.example.org,192.0.2.7',
    '--out',
    'beta',
  );
  t.is(made.code, 0, made.stderr);
  const beta = await certificate('beta/node.pem');
  t.is(beta.subject, 'CN=beta');
  t.is(beta.checkHost('beta.example.org'), 'beta.example.org');
  t.is(beta.checkIP('192.0.2.7'), '192.0.2.7');
  t.is(beta.checkHost('alpha.example.org'), undefined);
  t.is((await certificate('beta/ca.pem')).fingerprint, (await certificate('data/tls/ca.pem')).fingerprint);
  t.is((await run('cert', '--rotate', '--for', 'gamma')).code, 2);
});

test('node ca - changes to a new CA in three steps', async (t) => {
  const { cwd, run, certificate } = await place(t);
  await run('ca');
  const old = await certificate('data/tls/ca.pem');
  const rotated = await run('ca', '--rotate');
  t.is(rotated.code, 0, rotated.stderr);
  const both = (await readFile(join(cwd, 'data/tls/ca.pem'), 'utf8')).match(/BEGIN CERTIFICATE/g);
  t.is(both?.length, 2);
  const early = await run('ca', '--finish');
  t.is(early.code, 5);
  t.regex(early.stderr, /still of the old CA/);
  await run('cert', '--rotate');
  t.is((await run('ca', '--finish')).code, 0);
  const now = await certificate('data/tls/ca.pem');
  t.not(now.fingerprint, old.fingerprint);
  t.true((await certificate('data/tls/node.pem')).verify(now.publicKey));
});

test('node cert - a running gateway takes the new one', async (t) => {
  const { cwd, run } = await place(t);
  const load = () =>
    loadConfig({
      source: join(cwd, 'parley.yaml'),
      env: {},
      cwd,
      kinds: [],
      bridges: async () => null,
    });
  const gateway = await startGateway({ loaded: await load(), load, log: silentLogger, version: '0.0.0' });
  t.teardown(() => gateway.stop());
  t.is((await run('ca')).code, 0);
  const made = await run('cert', '--rotate', '--json');
  t.is(made.code, 0, made.stderr);
  t.like(JSON.parse(made.stdout), { reloaded: true });
  const again = await run('cert', '--reload');
  t.is(again.code, 0, again.stderr);
  t.is(again.stderr, '');
});
