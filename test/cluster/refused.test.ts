import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parley } from '../cli/run-parley.js';
import { firstBox, makeBox } from './fleet.js';

test('join - an expired line, a taken name and a clock that is off are refused, and leave no config behind', async (t) => {
  t.timeout(300_000);
  const { box: alpha } = await firstBox(t);
  const { stdout: line } = await alpha.run('node', 'invite', '--json');
  const kept = join(alpha.directory, 'data/invitations.json');
  const all = JSON.parse(await readFile(kept, 'utf8')) as { expires: number }[];
  await writeFile(kept, JSON.stringify(all.map((each) => ({ ...each, expires: Date.now() - 1000 }))));
  const beta = await makeBox(t, 'beta');
  const args = ['--name', 'beta', '--listen', beta.listen, '--route', beta.route];
  const { line: text } = JSON.parse(line) as { line: string };
  const late = await beta.run('node', 'join', text, ...args);
  t.is(late.code, 1);
  t.regex(late.stderr, /expired at/);
  t.false(existsSync(join(beta.directory, 'parley.yaml')));
  t.false(existsSync(join(beta.directory, 'data/cluster.json')));

  const fresh = (await alpha.run('node', 'invite')).stdout.trim();
  const namesake = ['--name', 'alpha', '--listen', beta.listen, '--route', beta.route];
  const taken = await beta.run('node', 'join', fresh, ...namesake);
  t.is(taken.code, 1);
  t.regex(taken.stderr, /"alpha" is a member already/);
  t.false(existsSync(join(beta.directory, 'parley.yaml')));

  // A machine whose clock is nine seconds ahead, as its programs see it.
  const ahead = '--import=data:text/javascript,const%20now=Date.now;Date.now=()=>now()+9000';
  const off = await parley(['node', 'join', fresh, ...args], {
    cwd: beta.directory,
    env: { NODE_OPTIONS: ahead },
  });
  t.is(off.code, 5);
  t.regex(off.stderr, /clock is 9\.\d s ahead of the inviter's/);
  t.false(existsSync(join(beta.directory, 'parley.yaml')));
  // The line was not used up.
  t.is((await beta.run('node', 'join', fresh, ...args)).code, 0);
});
