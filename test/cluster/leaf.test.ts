import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { until } from '../peers/index.js';
import { freePorts } from '../peers/ports.js';
import { firstBox, makeBox, roomsOf, running } from './fleet.js';

const LONG_MS = 90_000;

test('leaf - a machine that nothing reaches joins with one line, speaks in a room and owns a network of its own', async (t) => {
  t.timeout(300_000);
  const { box: hub, process } = await firstBox(t);
  const early = await hub.run('node', 'invite', '--leaf');
  t.is(early.code, 5);
  t.regex(early.stderr, /node\.leaf\.listen/);

  const config = join(hub.directory, 'parley.yaml');
  const [port = 0] = await freePorts(1);
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('cluster: {', `leaf: { listen: "127.0.0.1:${port}" }, cluster: {`));
  await process.stop();
  let again = await hub.start();
  await running(hub);
  // Without the CA, which the first invitation makes, its listener for leaf nodes had no TLS.
  const open = await hub.run('node', 'invite', '--leaf');
  t.is(open.code, 5);
  t.regex(open.stderr, /restart this gateway/);
  await again.stop();
  again = await hub.start();
  await running(hub);
  t.notRegex(again.log(), /reload not supported/);
  const { stdout: line, stderr } = await hub.run('node', 'invite', '--leaf');
  t.not(line.trim(), '', stderr);

  const leaf = await makeBox(t, 'lan');
  const joined = await leaf.run(
    'node',
    'join',
    line.trim(),
    '--name',
    'lan',
    '--listen',
    leaf.listen,
    '--json',
  );
  t.is(joined.code, 0, joined.stderr);
  t.is((JSON.parse(joined.stdout) as { mode: string }).mode, 'leaf');
  const own = join(leaf.directory, 'parley.yaml');
  const rooms = roomsOf()
    .replaceAll('irc:', 'lan:')
    .replace('lan, host', 'irc, host')
    .replace('bridge: lan', 'bridge: irc');
  await writeFile(own, `${await readFile(own, 'utf8')}${rooms}`);
  await leaf.start();
  await running(leaf);
  const { code, stderr: why } = await leaf.run('say', 'lobby', 'from behind NAT');
  t.is(code, 0, why);
  const heard = async () => {
    const { stdout } = await hub.run('tail', 'lobby', '-n', '5', '--json', '--no-follow');
    return stdout.includes('from behind NAT');
  };
  await until(heard, { what: 'the hub to have it', deadlineMs: LONG_MS, everyMs: 300 });

  const { stdout } = await leaf.run('node', 'list', '--json');
  const listing = JSON.parse(stdout) as { members: { name: string }[]; leaves: { name: string }[] };
  t.deepEqual(
    [listing.members.map(({ name }) => name), listing.leaves.map(({ name }) => name)],
    [['alpha'], ['lan']],
  );
  const owned = async () => (await leaf.run('owners', 'list', '--json')).stdout.includes('"owner":"lan"');
  await until(owned, { what: 'its own network', deadlineMs: LONG_MS, everyMs: 300 });

  // A name that is there is not given twice, and a refusal leaves no config.
  const { stdout: another } = await hub.run('node', 'invite', '--leaf');
  const twin = await makeBox(t, 'twin');
  const refused = await twin.run('node', 'join', another.trim(), '--name', 'lan', '--listen', twin.listen);
  t.not(refused.code, 0);
  t.regex(refused.stderr, /"lan" is a member already/);
  t.false(existsSync(join(twin.directory, 'parley.yaml')));
});
