import test, { type ExecutionContext } from 'ava';
import { maskOf } from '../../../control-server/bans/enforcer.js';
import type { NetworkBans } from '../../../control-server/bans/index.js';
import { until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { type Gateway, idIn, openGateway } from './fixtures.js';
import { makeBan } from './made.js';

interface Network extends NetworkBans {
  readonly calls: string[];
  refuse: string | null;
}

/** One network of this gateway, on which `#quakeworld` is the room `quakeworld`. */
function network(name: string): Network {
  const calls: string[] = [];
  const done = async (call: string): Promise<void> => {
    calls.push(call);
    if (made.refuse !== null) throw new Error(made.refuse);
  };
  const made: Network = {
    calls,
    refuse: null,
    channels: (scope) =>
      (scope.network ?? name) === name && (scope.room ?? 'quakeworld') === 'quakeworld'
        ? [{ network: name, channel: '#quakeworld' }]
        : [],
    ban: (network, channel, mask, untilMs) =>
      done(`+b ${network} ${channel} ${mask} ${untilMs === null ? '-' : 'until'}`),
    unban: (network, channel, mask) => done(`-b ${network} ${channel} ${mask}`),
    kick: (network, channel, person, reason) => done(`kick ${network} ${channel} ${person} ${reason}`),
  };
  return made;
}

interface Scene extends Gateway {
  readonly network: Network;
  readonly address: { readonly servers: readonly string[] };
}

async function scene(t: ExecutionContext, clock: () => number = Date.now): Promise<Scene> {
  const { address } = await startNats(t);
  const quakenet = network('quakenet');
  const config = () => ({ onNetworks: ['quakenet'], mostPercent: 10 });
  const gateway = await openGateway(t, address, { networks: quakenet, config, clock });
  return { ...gateway, network: quakenet, address };
}

const DAN = 'irc:quakenet:account:dan';
const said = { name: 'dan', mask: 'dan!~d@dan.example' };

test('networks - a ban is set there with a kick, shown, and lifted again', async (t) => {
  const {
    run,
    refusal,
    network: { calls },
  } = await scene(t);
  refusal(DAN, said);
  const id = idIn(await run('ban dan --for 2h spam'));
  const shown = async () => (await run(`bans ${id}`)).lines.join('\n');
  await until('it is shown', async () => /quakenet #quakeworld: \*!\*@dan\.example set/.test(await shown()));
  t.deepEqual(calls, ['+b quakenet #quakeworld *!*@dan.example until', 'kick quakenet #quakeworld dan spam']);
  await run(`unban ${id}`);
  await until('it is lifted', async () => /\*!\*@dan\.example removed/.test(await shown()));
  t.is(calls.at(-1), '-b quakenet #quakeworld *!*@dan.example');
});

test('networks - it says why a ban is not in force there', async (t) => {
  const { run, refusal, network: quakenet } = await scene(t);
  quakenet.refuse = 'we are no operator in #quakeworld';
  refusal(DAN, said);
  const id = idIn(await run('ban dan'));
  await until('it is shown', async () =>
    (await run(`bans ${id}`)).lines.some((line) =>
      line.startsWith('quakenet #quakeworld: not applied: we are no operator'),
    ),
  );
  t.is(refusal(DAN), 'banned');
});

test('networks - mutes, dry runs and text patterns are ours alone', async (t) => {
  const {
    run,
    network: { calls },
  } = await scene(t);
  await run('mute spam!*@*');
  await run('ban eggs!*@* --dry-run');
  await run('ban pills --text');
  await run('ban ham!*@*');
  await until('the last one is set', () => calls.length > 0);
  t.deepEqual(calls, ['+b quakenet #quakeworld ham!*@* -']);
});

test('networks - a ban that expires is lifted by whoever owns the network then', async (t) => {
  let now = Date.now();
  const { run, network: before, address, bans } = await scene(t, () => now);
  const id = idIn(await run('ban ham!*@* --for 1h'));
  await until('it is on record', async () =>
    (await run(`bans ${id}`)).lines.some((line) => / set /.test(line)),
  );
  await bans.stop();
  now += 3_600_000;
  const after = network('quakenet');
  const config = () => ({ onNetworks: true, mostPercent: 10 });
  await openGateway(t, address, { networks: after, config, clock: () => now });
  await until('it is lifted', () => after.calls.length > 0);
  t.deepEqual(after.calls, ['-b quakenet #quakeworld ham!*@*']);
  t.deepEqual(before.calls, ['+b quakenet #quakeworld ham!*@* until']);
});

test('networks - what a ban is in the words of IRC', (t) => {
  const of = (changes: Parameters<typeof makeBan>[0]) => maskOf(makeBan(changes));
  const seen = { network: 'quakenet', nick: 'dan', mask: 'dan!~d@dan.example' };
  t.is(of({ seen }), '*!*@dan.example');
  t.is(of({ seen: { ...seen, mask: null } }), '');
  t.is(of({ match: { by: 'nick', glob: 'spam*' } }), 'spam*!*@*');
  t.is(of({ match: { by: 'nick', glob: 'x:y' } }), null);
  t.is(of({ match: { by: 'ip', range: '192.0.2.7' } }), '*!*@192.0.2.7');
  t.is(of({ match: { by: 'text', pattern: 'x' } }), null);
});
