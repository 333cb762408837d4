import test from 'ava';
import { network, seen, startStage } from '../gateway/stage.js';
import { type IrcClient, ircClient, startNgircd, startServices, type TestContext } from '../peers/index.js';

/** Ann is logged in, and may what the config's owner granted to her; zed is anybody. */
async function started(t: TestContext) {
  const accounts = { owner: 'hunter1secret', ann: 'hunter2secret' };
  const [home, away] = await Promise.all([startServices(t, { accounts }), startNgircd(t)]);
  const stage = await startStage(
    t,
    `access: { owners: [owner@home] }
networks:
${network('home', home)}${network('away', away)}rooms:
  lobby: { channels: [ { home: "#a" }, { away: "#b" } ] }
  news: { channels: [ { home: "#n" } ] }
`,
  );
  await stage.connected();
  const inRoom = async (nick: 'owner' | 'ann') => {
    const client = await ircClient(t, home, { nick, sasl: { account: nick, password: accounts[nick] } });
    await client.join('#a');
    return client;
  };
  const [owner, ann] = [await inRoom('owner'), await inRoom('ann')];
  const zed = await ircClient(t, away, { nick: 'zed' });
  await zed.join('#c');
  return { stage, owner, ann, zed, away };
}

async function told(client: IrcClient, what: RegExp): Promise<string> {
  return seen((await client.waitFor(({ text }) => what.test(seen(text)))).text);
}

test('networks - an operator of a room joins and leaves channels for it, and for no other', async (t) => {
  const { stage, owner, ann, zed } = await started(t);
  ann.say('#a', '!join away #c');
  await told(ann, /takes the permission "join"/);
  owner.say('#a', '!grant ann@home operator --room lobby');
  await told(owner, /operator/);
  ann.say('#a', '!join away #c');
  t.is(await told(ann, /#c on away/), '#c on away is part of lobby now.');
  zed.say('#c', 'hello from c');
  await told(ann, /hello from c/);
  ann.say('#a', '!join away #d news');
  await told(ann, /takes the permission "join" for news/);
  ann.say('#a', '!leave away #b');
  await told(ann, /#b on away is in the config, in lobby\. Change rooms\.lobby\.channels/);
  ann.say('#a', '!leave away #c');
  t.is(await told(ann, /no longer part/), '#c on away is no longer part of lobby.');
  zed.say('#c', 'into the void');
  await zed.roundtrip();
  owner.say('#a', '!ping');
  await told(ann, /pong/);
  t.false(ann.heard().some((text) => /void/.test(text)));
  const acts = (await stage.gateway.bus.audit.list(50)).map(({ act }) => act as Record<string, unknown>);
  t.deepEqual(
    acts.filter(({ name }) => name === 'ann').map(({ action, outcome }) => `${action} ${outcome}`),
    // Who may nowhere is refused before anything begins.
    ['join done', 'join refused', 'leave failed', 'leave done'],
  );
});

test('networks - what is muted is not relayed and heard as no command, until it is lifted alone with the bot', async (t) => {
  const { owner, ann, away } = await started(t);
  const zed = await ircClient(t, away, { nick: 'zoe' });
  await zed.join('#b');
  owner.say('#a', '!mute-network away #b --for 2h too loud');
  t.regex(await told(owner, /Nothing of/), /^Nothing of #b on away is relayed until \d{4}-/);
  zed.say('#b', 'quite loud');
  zed.say('#b', '!ping');
  await zed.roundtrip();
  owner.say('#a', '!networks away');
  await told(ann, /Nothing of #b is relayed until/);
  t.false(ann.heard().some((text) => /loud$|pong/.test(seen(text)) && !/too loud/.test(text)));
  owner.say('#a', '!mute-network home');
  await owner.waitFor(/unmute-network/);
  owner.say('parley', 'unmute-network home');
  await told(owner, /home is relayed again/);
  owner.say('#a', '!unmute-network away #b');
  await told(owner, /#b on away is relayed again/);
  zed.say('#b', 'audible');
  await told(ann, /audible/);
  t.pass();
});

test('networks - who is there, and a network that is drained and opened again', async (t) => {
  const { owner, stage } = await started(t);
  owner.say('parley', 'names home #a');
  const line = await told(owner, /^#a on home \(\d\)/);
  for (const nick of ['ann', 'owner', 'parley']) t.regex(line, new RegExp(`\\b${nick}\\b`));
  owner.say('#a', '!drain away');
  t.is(await told(owner, /is closed/), 'away is closed until "reconnect".');
  owner.say('#a', '!reconnect away');
  await told(owner, /away connects anew/);
  await stage.connected('away');
  owner.say('#a', '!drain nowhere');
  t.regex(await told(owner, /nowhere/), /^no network "nowhere" is in the config\. See/);
});
