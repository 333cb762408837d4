/** Members that go for a while, for good, or without a word. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { until, within } from '../peers/index.js';
import { addMember, type Box, die, listed, type Member, makeFleet } from './fleet.js';

const LONG_MS = 120_000;

function named(members: readonly Member[], name: string): Member {
  const found = members.find(({ box }) => box.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Resolves once this node lists these, all of them with a vote, up, and `copies` level copies of streams on them. */
async function settled(box: Box, names: readonly string[]): Promise<void> {
  const isSettled = async (): Promise<boolean> => {
    const listing = await listed(box);
    const well = listing?.members.filter(
      ({ role, state, copies }) => role === 'member' && state === 'up' && copies.behind === 0,
    );
    return (
      well?.map(({ name }) => name).join(' ') === names.join(' ') && listing?.members.length === names.length
    );
  };
  await until(() => isSettled().catch(() => false), {
    what: `${names.join(' ')} at ${box.name}`,
    deadlineMs: LONG_MS,
    everyMs: 500,
  });
}

async function said(box: Box, text: string): Promise<void> {
  const say = async () => (await box.run('say', 'lobby', text)).code === 0;
  await until(say, { what: `"${text}" to be said`, deadlineMs: LONG_MS, everyMs: 300 });
}

test('departure - of three none may go; one that is drained comes back; a dead one is replaced', async (t) => {
  t.timeout(400_000);
  const fleet = await makeFleet(t, ['beta', 'gamma']);
  const [alpha, beta, gamma] = ['alpha', 'beta', 'gamma'].map((name) => named(fleet, name));
  if (alpha === undefined || beta === undefined || gamma === undefined) return t.fail();
  await settled(alpha.box, ['alpha', 'beta', 'gamma']);
  await said(alpha.box, 'before');
  const leaving = await gamma.box.run('node', 'leave');
  t.is(leaving.code, 5);
  t.regex(leaving.stderr, /would have 2 nodes.*parley node replace gamma/s);

  const drained = await gamma.box.run('node', 'drain');
  t.is(drained.code, 0, drained.stderr);
  t.is((await within(gamma.process.exited, LONG_MS, 'the drained node')).code, 0);
  const again = { box: gamma.box, process: await gamma.box.start() };
  await settled(beta.box, ['alpha', 'beta', 'gamma']);

  await die(again);
  const removing = await beta.box.run('node', 'remove', 'gamma');
  t.is(removing.code, 5);
  t.regex(removing.stderr, /would have 2 nodes/);
  t.is((await beta.box.run('node', 'remove', 'nobody')).code, 4);
  const { stdout: line } = await alpha.box.run('node', 'replace', 'gamma');
  const delta = await addMember(t, alpha.box, 'delta', undefined, line.trim());
  for (const { box } of [alpha, beta, delta]) await settled(box, ['alpha', 'beta', 'delta']);
  await said(delta.box, 'after');
  const listing = await listed(delta.box);
  for (const { name, version, clockMs, copies } of listing?.members ?? []) {
    t.regex(version ?? '', /^2\./, name);
    t.true(Math.abs(clockMs ?? Number.NaN) < 1000, name);
    t.true(copies.current >= 3, name);
  }

  // The machine that was thought dead comes back.
  const late = await gamma.box.start();
  await within(late.exited, LONG_MS, 'the removed node to stop');
  t.regex(late.log(), /removed from its cluster/);
  t.false(existsSync(join(gamma.box.directory, 'data/cluster.json')));
  await settled(alpha.box, ['alpha', 'beta', 'delta']);
  await said(alpha.box, 'end');
});

test('departure - of four one leaves, and the others have all copies', async (t) => {
  t.timeout(400_000);
  const fleet = [...(await makeFleet(t, ['beta', 'gamma']))];
  const alpha = named(fleet, 'alpha');
  const delta = await addMember(t, alpha.box, 'delta');
  // A fifth has no copies: it is out at once, and so are its routes, by which the answer would come.
  const spare = await addMember(t, alpha.box, 'spare');
  for (const { box } of [...fleet, delta, spare]) {
    await settled(box, ['alpha', 'beta', 'gamma', 'delta', 'spare']);
  }
  const away = await spare.box.run('node', 'leave');
  t.is(away.code, 0, away.stderr);
  t.is((await within(spare.process.exited, LONG_MS, 'the spare one')).code, 0);
  for (const { box } of [...fleet, delta]) await settled(box, ['alpha', 'beta', 'gamma', 'delta']);
  await said(alpha.box, 'before');
  const gamma = named(fleet, 'gamma');
  const up = await alpha.box.run('node', 'remove', 'gamma');
  t.is(up.code, 5);
  t.regex(up.stderr, /gamma is up.*parley node leave/s);
  const left = await gamma.box.run('node', 'leave', '--json');
  t.is(left.code, 0, left.stderr);
  t.deepEqual((JSON.parse(left.stdout) as { members: readonly string[] }).members, [
    'alpha',
    'beta',
    'delta',
  ]);
  t.is((await within(gamma.process.exited, LONG_MS, 'the node that left')).code, 0);
  const store = await readdir(join(gamma.box.directory, 'data'));
  t.true(store.some((name) => name.startsWith('left-')));
  t.false(store.includes('cluster.json'));
  await settled(alpha.box, ['alpha', 'beta', 'delta']);
  await said(delta.box, 'after');
});
