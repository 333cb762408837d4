import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { makeCluster } from '../node/machines.js';
import { until } from '../peers/index.js';
import { makeBox } from './fleet.js';

const LONG_MS = 90_000;

interface Status {
  readonly node: { readonly state: object };
  readonly log: object | null;
}

test('status - of a gateway whose cluster has lost its majority says for whom it waits', async (t) => {
  const [alpha, ...others] = (await makeCluster(t)).all;
  if (alpha === undefined) return t.fail();
  const box = await makeBox(t, 'alpha');
  const { store } = alpha.config;
  const { client, route } = alpha.member;
  const config = `node: { name: alpha, listen: "${client}", store: ${JSON.stringify(store)}, cluster: { listen: "${route}" } }
http: off
networks: { nowhere: { bridge: irc, host: 127.0.0.1, port: 1, tls: false, nick: relay } }
rooms: { lobby: { channels: [ { nowhere: "#lobby" } ] } }
`;
  await writeFile(join(box.directory, 'parley.yaml'), config);
  const [nodes] = await Promise.all([Promise.all(others.map((machine) => machine.start())), box.start()]);
  const status = async (): Promise<Status | null> => {
    const { code, stdout } = await box.run('status', '--json');
    return code === 0 || code === 1 ? (JSON.parse(stdout) as Status) : null;
  };
  const all = { deadlineMs: LONG_MS, everyMs: 200 };
  await until(async () => (await status())?.log != null, { what: 'the gateway', ...all });
  t.deepEqual((await status())?.node.state, { kind: 'ready' });

  await Promise.all(nodes.map((node) => node.stop()));
  const waits = async () => {
    const node = (await status())?.node;
    return isDeepStrictEqual(node?.state, { kind: 'waiting', up: 1, members: 3 });
  };
  await until(waits, { what: 'a status that says so', ...all });
  const { stdout, code } = await box.run('status');
  t.is(code, 1);
  t.regex(stdout, /node\twaiting\t1 of 3 nodes are up\n/);
});
