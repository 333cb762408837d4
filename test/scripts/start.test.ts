import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { node, parley } from '../cli/run-parley.js';
import { temporaryDirectory } from '../peers/index.js';

const script = (path: string): string => fileURLToPath(new URL(`../../../scripts/${path}`, import.meta.url));

/** Runs before the program and makes it believe that it runs on another Node. */
function pretend(version: string): string {
  const code = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A folder for the PATH with these programs only: name → text of a shell script. */
async function programs(t: ExecutionContext, scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryDirectory(t, 'path');
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

async function placeWithConfig(t: ExecutionContext): Promise<string> {
  const cwd = await temporaryDirectory(t, 'start');
  await writeFile(
    join(cwd, 'parley.yaml'),
    'node: { name: alpha, listen: auto, store: ./data }\nhttp: off\n',
  );
  return cwd;
}

for (const version of ['12.22.12', '18.20.4', '20.18.3']) {
  test(`npm start - refuses Node.js ${version} and says what to install`, async (t) => {
    const { code, stderr, stdout } = await node(['--import', pretend(version), script('start.mjs')]);
    t.is(code, 5);
    t.regex(stderr, new RegExp(`^parley: This is Node\\.js ${version}; Parley needs 20\\.19 or newer\\.\n`));
    t.regex(stderr, /\nfix: .*nodejs\.org/);
    t.is(stdout, '');
  });
}

test('npm start - takes the oldest Node.js that it names, and newer ones', async (t) => {
  for (const version of ['20.19.0', '22.0.0']) {
    const { code, stderr } = await node(['--import', pretend(version), script('setup/node-version.mjs')]);
    t.is(code, 0, stderr);
  }
});

test('npm start - a program that is missing and cannot be installed is named, with what to do', async (t) => {
  const code = `
    import { ensurePrograms } from ${JSON.stringify(script('peers.mjs'))};
    ensurePrograms(['program-of-nowhere']).catch((error) => {
      console.log(error.message + '\\n' + error.fix);
      process.exitCode = error.exitCode;
    });`;
  const answer = await node(['--input-type=module', '-e', code], { env: { PATH: await programs(t, {}) } });
  t.is(answer.code, 5);
  t.regex(answer.stdout, /program-of-nowhere/);
  t.regex(answer.stdout, /Install .*program-of-nowhere.* on the PATH, and run it again/);
});

test('npm start - says who could write where it may not', async (t) => {
  const code = `
    import fs, { constants } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    // Root may write everywhere, so that a test of permissions needs a file system that says no.
    fs.accessSync = (path, mode) => {
      if (mode === constants.W_OK) throw Object.assign(new Error('denied'), { code: 'EACCES' });
    };
    syncBuiltinESMExports();
    const { ensureWritable } = await import(${JSON.stringify(script('setup/dependencies.mjs'))});
    try {
      ensureWritable('.');
    } catch (error) {
      console.log(error.message + '\\n' + error.fix);
      process.exitCode = error.exitCode;
    }`;
  const answer = await node(['--input-type=module', '-e', code]);
  t.is(answer.code, 5, answer.stderr);
  t.regex(answer.stdout, /^Cannot write to .* \(EACCES\)\./);
  t.regex(answer.stdout, /sudo chown -R/);
});

test('start - without nats-server it ends with what to install', async (t) => {
  const cwd = await placeWithConfig(t);
  const { code, stderr } = await parley(['start'], { cwd, env: { PATH: await programs(t, {}) } });
  t.is(code, 5, stderr);
  t.regex(stderr, /^parley: .*nats-server/m);
  t.regex(stderr, /^fix: Install it \(.*nats-server/m);
});

test('start - with a nats-server that is too old it ends with how to upgrade', async (t) => {
  const cwd = await placeWithConfig(t);
  const old = await programs(t, { 'nats-server': 'echo nats-server: v2.1.0' });
  const { code, stderr } = await parley(['start'], { cwd, env: { PATH: `${old}:${process.env.PATH}` } });
  t.is(code, 5, stderr);
  t.regex(stderr, /^parley: nats-server 2\.1\.0: expected 2\.9 or newer/m);
  t.regex(stderr, /^fix: Upgrade it: /m);
});

test('start - with a store that it cannot make it ends with what to change', async (t) => {
  const cwd = await placeWithConfig(t);
  await writeFile(join(cwd, 'data'), 'a file, no folder');
  const { code, stderr } = await parley(['start'], { cwd });
  t.is(code, 5, stderr);
  t.regex(stderr, /^parley: cannot write to the store /m);
  t.regex(stderr, /^fix: Give this user the directory/m);
});
