import test from 'ava';
import { ircClient, startNgircd, until } from '../peers/index.js';
import { type Box, die, makeFleet, roomsOf } from './fleet.js';

const LONG_MS = 90_000;

interface Owned {
  readonly owner: string | null;
  readonly standby: readonly string[];
}

async function ownedAt({ run }: Box): Promise<Owned> {
  const { stdout } = await run('owners', 'list', '--json');
  const { owners } = JSON.parse(stdout) as { owners: readonly Owned[] };
  return owners[0] ?? { owner: null, standby: [] };
}

/** Resolves with the owner that all of them name. */
async function ownerFor(boxes: readonly Box[]): Promise<string> {
  return until(
    async () => {
      const all = await Promise.all(boxes.map((box) => ownedAt(box).catch(() => null)));
      const [owner] = all.map((each) => each?.owner ?? null);
      if (owner === null || owner === undefined) return null;
      const agreed = all.every((each) => each?.owner === owner && each.standby.length === boxes.length - 1);
      return agreed ? owner : null;
    },
    { what: `one owner for ${boxes.map(({ name }) => name)}`, deadlineMs: LONG_MS, everyMs: 300 },
  );
}

test('owners - three machines that joined have one owner each network without a word in their configs', async (t) => {
  t.timeout(300_000);
  const irc = await startNgircd(t);
  const fleet = await makeFleet(t, ['beta', 'gamma'], roomsOf(irc.port));
  const boxes = fleet.map(({ box }) => box);
  const owner = await ownerFor(boxes);
  const watcher = await ircClient(t, irc, { nick: 'watcher' });
  await watcher.join('#lobby');
  const bots = async (): Promise<readonly string[]> => {
    watcher.send('NAMES #lobby');
    const { text } = await watcher.waitFor(({ command }) => command === '353');
    return text.split(' ').filter((nick) => nick.includes('relay'));
  };
  await until(async () => (await bots()).length === 1, {
    what: 'one bot',
    deadlineMs: LONG_MS,
    everyMs: 300,
  });

  // The one that began alone has given that up: with the owner dead the two others are a majority.
  const [dead] = fleet.filter(({ box }) => box.name === owner);
  if (dead === undefined) return t.fail();
  await die(dead);
  const rest = boxes.filter(({ name }) => name !== owner);
  t.not(await ownerFor(rest), owner);
});
