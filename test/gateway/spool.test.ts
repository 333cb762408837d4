import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type SpoolRecord, scanRecord } from '../../src/bus/spool/record.js';
import { createToken } from '../../src/http/index.js';
import { ircClient, startNgircd, until } from '../peers/index.js';
import { ParleyProcess } from './parley-process.js';
import { said, startStage, startTwoNetworks, twoNetworks } from './stage.js';

const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, i) => `line ${first + i}`);

/** All that the files of a spool hold, as a next process would find it. */
async function recordsIn(directory: string): Promise<readonly SpoolRecord[]> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith('.events') || name === 'journal');
  const found: SpoolRecord[] = [];
  for (const name of files) {
    const bytes = await readFile(join(directory, name)).catch(() => Buffer.alloc(0));
    let at = 0;
    for (let scanned = scanRecord(bytes, at); scanned.kind !== 'end'; scanned = scanRecord(bytes, at)) {
      if (scanned.kind === 'record') found.push(scanned.record);
      at = scanned.next;
    }
  }
  return found;
}

/** Messages, not what else happens on a network. */
async function messagesIn(directory: string): Promise<number> {
  const records = await recordsIn(directory);
  return records.filter((record) => {
    return record.kind === 'event' && Buffer.from(record.data).includes('chat.message');
  }).length;
}

async function saidIn(directory: string): Promise<number> {
  return (await recordsIn(directory)).filter(({ kind }) => kind === 'said').length;
}

function writer() {
  const { token, record } = createToken('tester', ['write', 'status']);
  const { name, hash, scopes } = record;
  return { token, tokens: `tokens: ${JSON.stringify([{ name, hash, scopes }])}` };
}

test('spool - killed while the backbone hangs: nothing accepted is lost, nothing said is said again', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const parley = await ParleyProcess.between(t, one, two);
  const alice = await ircClient(t, one, { nick: 'alice' });
  const bob = await ircClient(t, two, { nick: 'bob' });
  await alice.join('#a');
  await bob.join('#b');
  const spool = join(parley.directory, 'data/spool');
  const nats = await parley.nodePid();
  process.kill(nats, 'SIGSTOP');
  for (const line of numbers(20)) alice.say('#a', line);
  // Rooms of this gateway talk on meanwhile.
  await until(() => bob.heard('#b').length === 20, { what: 'the lines to be heard', deadlineMs: 15_000 });
  await parley.say('over http');
  await until(async () => (await messagesIn(spool)) === 21 && (await saidIn(spool)) >= 20, {
    what: 'all to be in the spool',
    deadlineMs: 15_000,
  });
  await parley.kill();
  process.kill(nats, 'SIGKILL');
  await parley.start();
  await bob.waitFor(/over http/, 20_000);
  alice.say('#a', 'last');
  await bob.waitFor(/last/, 20_000);
  await bob.roundtrip();
  t.deepEqual(bob.heard('#b').map(said), [...numbers(20), 'over http', 'last']);
  t.deepEqual(alice.heard('#a').map(said), ['over http']);
});

test('spool - killed with lines that a network could not take: they are said after the start, in order', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const parley = await ParleyProcess.between(t, one, two);
  const alice = await ircClient(t, one, { nick: 'alice' });
  await alice.join('#a');
  await two.kill();
  const nats = await parley.nodePid();
  process.kill(nats, 'SIGSTOP');
  for (const line of numbers(20)) alice.say('#a', line);
  const spool = join(parley.directory, 'data/spool');
  await until(async () => (await messagesIn(spool)) === 20, {
    what: 'all to be in the spool',
    deadlineMs: 15_000,
  });
  await parley.kill();
  process.kill(nats, 'SIGKILL');
  await two.start();
  const bob = await ircClient(t, two, { nick: 'bob' });
  await bob.join('#b');
  await parley.start();
  await until(() => bob.heard('#b').length >= 20, { what: 'the lines', deadlineMs: 20_000 });
  await bob.roundtrip();
  t.deepEqual(bob.heard('#b').map(said), numbers(20));
});

test('spool - HTTP says 202 and where it is, and knows a repeat before and after the backbone is back', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const { token, tokens } = writer();
  const stage = await startStage(t, twoNetworks(one, two), tokens);
  await stage.connected();
  const { gateway } = stage;
  const pid = gateway.node?.pid ?? 0;
  const post = async (text: string, key: string) => {
    const answer = await fetch(`${gateway.http}/v1/rooms/lobby/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ text }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  await post('before', 'k0');
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  const first = await post('hello', 'k1');
  t.is(first.status, 202);
  t.is(first.body.stored, 'spool');
  t.false('sequence' in (first.body.event as object));
  const ready = await fetch(`${gateway.http}/readyz`, { headers: { authorization: `Bearer ${token}` } });
  const { checks } = (await ready.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
  const spool = checks.find(({ name }) => name === 'spool');
  t.true(spool?.ok);
  t.regex(spool?.detail ?? '', /^1 events, \d+ bytes, the oldest of 20/);
  process.kill(pid, 'SIGCONT');
  await until(() => gateway.bus.unstored === 0, { what: 'the spool to be drained', deadlineMs: 20_000 });
  const again = await post('hello', 'k1');
  t.is(again.body.stored, 'log');
  t.is((again.body.event as { id: string }).id, (first.body.event as { id: string }).id);
  t.is((await post('other', 'k1')).body.code, 'IDEMPOTENCY_KEY_REUSED');
  const logged = await gateway.bus.read('lobby', { limit: 10 });
  t.deepEqual(
    logged.map(({ event }) => event.data.text),
    ['before', 'hello'],
  );
});

test('spool - a full spool refuses over HTTP with 503, and what networks say is counted as refused', async (t) => {
  const { token, tokens } = writer();
  const stage = await startTwoNetworks(t, 'spool: { maxBytes: 2KB }\n', tokens);
  const { gateway, alice } = stage;
  const pid = gateway.node?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  for (const line of numbers(3)) alice.say('#a', line);
  await until(() => (gateway.bus.spool?.events ?? 0) > 0, {
    what: 'events in the spool',
    deadlineMs: 15_000,
  });
  for (const line of numbers(20, 3)) alice.say('#a', line);
  await until(() => (gateway.networks()[0]?.counters.dropped.refused ?? 0) > 0, {
    what: 'a line to be refused',
    deadlineMs: 15_000,
  });
  const answer = await fetch(`${gateway.http}/v1/rooms/lobby/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'x'.repeat(2000) }),
  });
  t.is(answer.status, 503);
  t.is(((await answer.json()) as { code: string }).code, 'OUTBOX_FULL');
  t.truthy(answer.headers.get('retry-after'));
  process.kill(pid, 'SIGCONT');
  await until(() => gateway.bus.unstored === 0, { what: 'the spool to be drained', deadlineMs: 20_000 });
  t.true(gateway.bus.accepting);
});
