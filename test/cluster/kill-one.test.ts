/** The commands of docs/kill-one.md, as they stand there but for the ports and fewer lines. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { startProcess, temporaryDirectory, until, within } from '../peers/index.js';
import { freePorts } from '../peers/ports.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LONG_MS = 120_000;
const LINES = 20;
const run = promisify(execFile);

/** Blocks of commands by what stands behind `sh`. */
async function commandsOf(page: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(page, 'utf8');
  const blocks = text.matchAll(/^```sh *(.*)\n([\s\S]*?)^```/gm);
  return new Map([...blocks].map(([, name = '', commands = '']) => [name || commands.trim(), commands]));
}

/** A clone as far as the page needs it: the configs, on ports of their own, and `npx parley`. */
async function clone(t: ExecutionContext): Promise<string> {
  const directory = await temporaryDirectory(t, 'clone');
  await mkdir(join(directory, 'config/examples'), { recursive: true });
  const ports = [4301, 4302, 4303, 4311, 4312, 4313, 8101, 8102, 8103, 6667];
  const free = await freePorts(ports.length);
  for (const name of ['alpha', 'beta', 'gamma']) {
    const file = `config/examples/three-${name}.yaml`;
    const text = await readFile(file, 'utf8');
    const own = ports.reduce((now, port, index) => now.replaceAll(String(port), String(free[index])), text);
    await writeFile(join(directory, file), own);
  }
  const npx = join(directory, 'npx');
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(npx, 0o755);
  return directory;
}

test('docs/kill-one.md - three nodes are made, one is killed while lines are said, and none of them is lost', async (t) => {
  t.timeout(300_000);
  const commands = await commandsOf('docs/kill-one.md');
  const cwd = await clone(t);
  const env = { ...process.env, PATH: `${cwd}:${process.env.PATH}`, PARLEY_CONFIG: '' };
  const textOf = (name: string): string => {
    const found = [...commands].find(([key]) => key.startsWith(name))?.[1];
    if (found === undefined) throw new Error(`docs/kill-one.md has no block "${name}"`);
    return found.replaceAll('seq 40', `seq ${LINES}`);
  };
  const shell = async (name: string): Promise<string> =>
    (await run('bash', ['-ec', textOf(name)], { cwd, env, timeout: LONG_MS })).stdout;
  const terminal = (name: string) => {
    // The last command in place of its shell: it is the one to end.
    const text = textOf(`terminal=${name}`)
      .trim()
      .replace(/^(npx parley start.*)$/m, 'exec $1');
    return startProcess(t, {
      name: name.split(' ')[0] ?? name,
      command: 'bash',
      args: ['-ec', text],
      cwd,
      env,
    });
  };
  const isUp = (count: number) => async (): Promise<boolean> => {
    const list = await shell('npx parley node list').catch(() => '');
    return list.split('\n').filter((line) => line.split('\t')[2] === 'up').length === count;
  };

  const alpha = await terminal('alpha');
  const invites = () => /Parley is running/.test(alpha.log());
  await until(invites, { what: 'alpha', deadlineMs: LONG_MS });
  const beta = await terminal('beta');
  await until(() => /waiting for a third node/.test(beta.log()), { what: 'beta', deadlineMs: LONG_MS });
  await terminal('gamma');
  await until(isUp(3), { what: 'three nodes', deadlineMs: LONG_MS, everyMs: 500 });

  const load = await startProcess(t, {
    name: 'load',
    command: 'bash',
    args: ['-ec', textOf('load')],
    cwd,
    env,
  });
  const said = (count: number) => load.log().split('Stored as').length > count;
  await until(() => said(LINES / 4), { what: 'some lines', deadlineMs: LONG_MS });
  await shell('kill -9');
  t.is((await within(alpha.exited, LONG_MS, 'alpha')).signal, 'SIGKILL');
  t.is((await within(load.exited, LONG_MS, 'the lines')).code, 0, load.log());
  t.regex(await shell('npx parley owners'), /^demo\t(beta|gamma)\t/m);
  t.is((await shell('count')).trim(), String(LINES));
  await terminal('alpha again');
  await until(isUp(3), { what: 'alpha again', deadlineMs: LONG_MS, everyMs: 500 });
});
