import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { makeCluster } from '../node/machines.js';
import { until } from '../peers/index.js';
import { type Box, makeBox } from './fleet.js';

const LONG_MS = 90_000;

interface Status {
  readonly node: { readonly state: object };
  readonly log: object | null;
  readonly absence: { readonly reason: string } | null;
  readonly networks: readonly { readonly state: string; readonly reason: string | null }[];
}

const all = { deadlineMs: LONG_MS, everyMs: 200 };

/** Alpha as a program, not started, and the other two machines of its cluster. */
async function alphaOfThree(t: ExecutionContext) {
  const [alpha, ...others] = (await makeCluster(t)).all;
  if (alpha === undefined) throw new Error('there are three');
  const box = await makeBox(t, 'alpha');
  const { store } = alpha.config;
  const { client, route } = alpha.member;
  const config = `node: { name: alpha, listen: "${client}", store: ${JSON.stringify(store)}, cluster: { listen: "${route}" } }
http: off
networks: { nowhere: { bridge: irc, host: 127.0.0.1, port: 1, tls: false, nick: relay } }
rooms: { lobby: { channels: [ { nowhere: "#lobby" } ] } }
`;
  await writeFile(join(box.directory, 'parley.yaml'), config);
  return { box, others };
}

async function statusOf(box: Box): Promise<Status | null> {
  const { code, stdout } = await box.run('status', '--json');
  return code === 0 || code === 1 || code === 6 ? (JSON.parse(stdout || 'null') as Status | null) : null;
}

test('status - of a gateway whose cluster has lost its majority says for whom it waits', async (t) => {
  const { box, others } = await alphaOfThree(t);
  const [nodes] = await Promise.all([Promise.all(others.map((machine) => machine.start())), box.start()]);
  const status = () => statusOf(box);
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

  // Nor is a line taken: it is told so, and not waited for in silence.
  const said = await box.run('say', 'lobby', 'into the void');
  t.is(said.code, 6, said.stderr);
  t.regex(said.stderr, /trying again[\s\S]*\nfix: `parley status`/);
});

test('status - of a gateway that starts without a majority says so, and why it owns nothing; it goes on when there is one', async (t) => {
  const { box, others } = await alphaOfThree(t);
  await box.start();
  await until(async () => (await statusOf(box))?.absence != null, { what: 'the gateway', ...all });
  const alone = await statusOf(box);
  t.deepEqual(alone?.node.state, { kind: 'waiting', up: 1, members: 3 });
  t.like(alone?.networks[0], { state: 'standby', reason: 'no owner' });
  await Promise.all(others.map((machine) => machine.start()));
  // Only alpha has a gateway: of three voters, one. So it stays mute.
  await until(async () => (await statusOf(box))?.absence === null, { what: 'the backbone', ...all });
  t.not((await statusOf(box))?.log, null);
  t.like((await statusOf(box))?.networks[0], { state: 'standby', reason: 'no owner' });
});
