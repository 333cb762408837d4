/** The way of a new operator through docs/control.md: own it, give away a part, ban, broadcast, undo. On real servers. */
import test from 'ava';
import { network, seen, startStage } from '../gateway/stage.js';
import { type IrcClient, ircClient, startNgircd, startServices, until } from '../peers/index.js';

async function told(client: IrcClient, what: RegExp): Promise<string> {
  return seen((await client.waitFor(({ text }) => what.test(seen(text)))).text);
}

test('guide - from the first owner to a ban that is undone, over three networks', async (t) => {
  const accounts = { ann: 'hunter2secret' };
  const [home, away, third] = await Promise.all([
    startServices(t, { accounts }),
    startServices(t, { accounts: { mod: 'hunter3secret' } }),
    startNgircd(t),
  ]);
  const codes: string[] = [];
  const stage = await startStage(
    t,
    `networks:
${network('home', home)}${network('away', away)}${network('third', third)}rooms:
  qw: { channels: [ { home: "#qw" }, { away: "#qw" }, { third: "#qw" } ] }
broadcasts:
  lists:
    qw: { commands: [".qw"], cooldown: { overall: 0s, person: 0s, channel: 0s } }
`,
    '',
    { firstOwner: ({ code }) => codes.push(code) },
  );
  await stage.connected();
  const ann = await ircClient(t, home, { nick: 'ann', sasl: { account: 'ann', password: accounts.ann } });
  const mod = await ircClient(t, away, { nick: 'mod', sasl: { account: 'mod', password: 'hunter3secret' } });
  const spammer = await ircClient(t, third, { nick: 'spammer' });
  for (const client of [ann, mod, spammer]) await client.join('#qw');

  // Nobody may anything yet.
  mod.say('#qw', '!mute spammer@third');
  await told(mod, /permission/);
  // The code is shown to who runs the gateway, and makes an owner once.
  await until(() => codes.length > 0, { what: 'the code of the first owner' });
  ann.say('parley', `claim ${codes[0]}`);
  await told(ann, /owner/i);
  mod.say('parley', `claim ${codes[0]}`);
  await told(mod, /code|claim/i);
  // A moderator on another network.
  ann.say('#qw', '!grant mod@away moderator');
  await told(ann, /moderator/);
  // The spammer is heard, then muted from the other network, then not heard.
  spammer.say('#qw', 'buy gold');
  await told(ann, /buy gold/);
  mod.say('#qw', '!mute --nick spammer --force flood');
  await told(mod, /mute|muted/i);
  spammer.say('#qw', 'buy more gold');
  spammer.say('#qw', '!ping');
  await spammer.roundtrip();
  // A broadcast is heard on all networks.
  mod.say('#qw', '.qw 4on4, two more needed');
  for (const client of [ann, mod, spammer]) await told(client, /qw.*mod.*4on4, two more needed/);
  t.false(ann.received.some(({ text }) => /more gold|pong/.test(seen(text))));
  // Undone by the owner, from home.
  ann.say('#qw', '!bans');
  const id = /\bm[0-9a-z]{5}\b/.exec(await told(ann, /\bm[0-9a-z]{5}\b/))?.[0] ?? '';
  ann.say('#qw', `!unmute ${id}`);
  await told(ann, new RegExp(`${id}: lifted`));
  spammer.say('#qw', 'sorry');
  await told(ann, /sorry/);
  ann.say('#qw', '!audit 10');
  await told(ann, /mod \(irc:away\): mute spammer \(done: flood\)/);
});
