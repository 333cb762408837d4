import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ParleyError } from '../../src/errors.js';
import { claimDirectory } from '../../src/node/index.js';
import { temporaryDirectory } from '../peers/process.js';

test('claim - a directory belongs to one living process until it is released', async (t) => {
  const directory = join(await temporaryDirectory(t, 'claim'), 'spool');
  const claim = { directory, what: 'spool', setting: 'spool.path' };
  const release = await claimDirectory(claim);
  const error = await t.throwsAsync(claimDirectory(claim), { instanceOf: ParleyError });
  t.is(error.code, 'NODE_FAILED');
  t.regex(error.message, new RegExp(`spool .*in use by .*${process.pid}`));
  t.regex(error.fix ?? '', /"spool\.path"/);
  await release();
  await t.notThrowsAsync(claimDirectory(claim));
});

test('claim - what a dead process left is taken over', async (t) => {
  const directory = await temporaryDirectory(t, 'claim');
  // The id lives (it is ours), but was born at another time: an id that was used again.
  await writeFile(join(directory, 'owner.json'), JSON.stringify({ pid: process.pid, birth: 'long ago' }));
  await t.notThrowsAsync(claimDirectory({ directory, what: 'spool', setting: 'spool.path' }));
});
