import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import test from 'ava';
import { until } from './index.js';

/** A test process of its own that starts a server, says where and waits to be killed. */
const VICTIM = `
import { startNgircd } from ${JSON.stringify(new URL('./ngircd.js', import.meta.url).href)};
const server = await startNgircd({ teardown: () => {} });
process.stdout.write(JSON.stringify({ pid: server.pid, directory: server.directory }));
setInterval(() => {}, 1000);
`;

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
  test(`peers - nothing is left when a test process ends by ${signal}`, async (t) => {
    const victim = spawn(process.execPath, ['--input-type=module', '-e', VICTIM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => void victim.kill('SIGKILL'));
    const [said] = await once(victim.stdout, 'data');
    const { pid, directory } = JSON.parse(String(said));
    t.true(alive(pid));
    victim.kill(signal);
    await until(() => !alive(pid), { what: 'the server to be gone' });
    await until(() => !existsSync(directory), { what: 'its directory to be gone' });
  });
}
