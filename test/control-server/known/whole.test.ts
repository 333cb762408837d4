/** Through a whole gateway: who has been here long enough may call a list. */
import test from 'ava';
import { network, seen, startStage } from '../../gateway/stage.js';
import { type IrcClient, ircClient, startServices, until } from '../../peers/index.js';

const DAY_MS = 86_400_000;

async function told(client: IrcClient, what: RegExp): Promise<string> {
  return seen((await client.waitFor(({ text }) => what.test(seen(text)))).text);
}

test('known - accounts that are known for long enough may call a list, new ones and strangers may not', async (t) => {
  const accounts = { ann: 'hunter2secret', bob: 'hunter3secret' };
  const home = await startServices(t, { accounts });
  const stage = await startStage(
    t,
    `networks:
${network('home', home)}rooms:
  qw: { channels: [ { home: "#qw" } ] }
broadcasts:
  lists:
    qw: { commands: [".qw"], minAccountAge: 7d, whenAgeUnknown: refuse, cooldown: { overall: 0s, person: 0s, channel: 0s } }
`,
  );
  await stage.connected();
  const bucket = await stage.gateway.bus.bucket('KNOWN');
  const daysAgo = (days: number) => ({ since: new Date(Date.now() - days * DAY_MS).toISOString() });
  // The record began a month ago, and Ann was there.
  await bucket.put('began', daysAgo(30));
  await bucket.put('irc:home:account:ann', daysAgo(20));
  const arrive = async (nick: 'ann' | 'bob') => {
    const client = await ircClient(t, home, { nick, sasl: { account: nick, password: accounts[nick] } });
    await client.join('#qw');
    return client;
  };
  const [ann, bob] = [await arrive('ann'), await arrive('bob')];
  const zed = await ircClient(t, home, { nick: 'zed' });
  await zed.join('#qw');

  ann.say('#qw', '.qw 4on4, two more needed');
  await told(bob, /-qw- ann .*4on4/);
  bob.say('#qw', '.qw duel with me');
  t.regex(await told(bob, /account/), /account/);
  zed.say('#qw', '.qw and me');
  t.regex(await told(zed, /account/), /account/);
  t.false(ann.heard().some((text) => /-qw- (bob|zed)/.test(seen(text))));
  // What a gateway notes itself.
  const noted = await until(async () => bucket.get('irc:home:account:bob'), { what: 'Bob to be noted' });
  t.true(Date.parse((noted as { since: string }).since) > Date.now() - 600_000);
  t.is(await bucket.get('irc:home:host:zed!test@127.0.0.1'), null);
});
