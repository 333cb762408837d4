/** Replies and deletions across networks, a restart of the gateway in between. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Gateway, startGateway } from '../../src/gateway/index.js';
import { silentLogger } from '../../src/log.js';
import { newId } from '../../src/message/index.js';
import { eventOf } from '../message/events.js';
import { ircClient, startInspircd, startNgircd, temporaryDirectory, until } from '../peers/index.js';
import { startNats } from '../peers/nats.js';
import { startRawIrc } from '../peers/raw-irc.js';
import { loaderOf } from './loading.js';
import { seen, twoNetworks } from './stage.js';

const TAGS = ['message-tags', 'echo-message'];
const ROOM_MS = 15_000;

type Place = { readonly port: number };

/** Starts gateways one after another over one backbone. */
async function backboneOf(t: ExecutionContext, one: Place, two: Place): Promise<() => Promise<Gateway>> {
  const [nats, directory] = await Promise.all([startNats(t), temporaryDirectory(t, 'references')]);
  const source = join(directory, 'parley.yaml');
  await writeFile(source, `backbone: { servers: ["${nats.address.servers[0]}"] }\n${twoNetworks(one, two)}`);
  const load = loaderOf(directory, source);
  return async () => {
    const gateway = await startGateway({ loaded: await load(), load, log: silentLogger, version: '0.0.0' });
    t.teardown(() => gateway.stop());
    const whole = () => gateway.networks().every(({ state }) => state === 'connected');
    await until(whole, { what: 'the networks', deadlineMs: ROOM_MS });
    return gateway;
  };
}

test('references - a reply finds its message on the other side after a restart, by id or by quote', async (t) => {
  const [one, two] = await Promise.all([startInspircd(t), startNgircd(t)]);
  const start = await backboneOf(t, one, two);
  const alice = await ircClient(t, one, { nick: 'alice', caps: TAGS });
  const bob = await ircClient(t, two, { nick: 'bob' });
  await alice.join('#a');
  await bob.join('#b');
  const first = await start();
  bob.say('#b', 'anyone for 4on4?');
  const asked = await alice.waitFor(/anyone for 4on4/, ROOM_MS);
  const askedId = asked.tags.get('msgid') ?? '';
  t.not(askedId, '');
  alice.say('#a', 'me');
  await bob.waitFor(/> ?me$/, ROOM_MS);
  const answered = await alice.waitFor((line) => line.nick === 'alice' && line.text === 'me', ROOM_MS);
  const log = await first.bus.read('lobby', { limit: 10 });
  const [question, answer] = ['anyone', 'me'].map(
    (text) => log.find(({ event }) => event.data.text.startsWith(text))?.event.id ?? '',
  );
  await first.stop();

  const second = await start();
  // Alice answers our copy of Bob's line: the event says which one it was, and Bob's network gets words.
  alice.send(`@+draft/reply=${askedId} PRIVMSG #a :at nine`);
  const quoted = await bob.waitFor(/at nine/, ROOM_MS);
  t.is(seen(quoted.text), '<alice> (re bob: anyone for 4on4?) at nine');
  const [reply] = (await second.bus.read('lobby', { limit: 10 })).filter(({ event }) =>
    event.data.text.includes('at nine'),
  );
  t.is(reply?.event.data.replyTo, question);
  // Somebody elsewhere answers Alice's own line: her network gets the id that she knows.
  const elsewhere = eventOf('chat.message', { text: 'good', replyTo: answer ?? '' });
  await second.bus.store({
    ...elsewhere,
    id: newId(),
    source: '/cli/test',
    subject: 'lobby',
    time: new Date().toISOString(),
  });
  const tagged = await alice.waitFor(/good$/, ROOM_MS);
  t.is(tagged.tags.get('+draft/reply'), answered.tags.get('msgid'));
  t.is(seen(tagged.text), '<zappater> good');
  t.is(seen((await bob.waitFor(/good$/, ROOM_MS)).text), '<zappater> (re alice: me) good');
});

test('references - what one network removes is removed on the other, or told where it cannot be', async (t) => {
  const caps = 'message-tags echo-message labeled-response draft/message-redaction batch';
  const one = await startRawIrc(t, { caps });
  const two = await startRawIrc(t, {
    caps,
    script(line, peer) {
      const [, label = '', rest = ''] = /^@label=(\d+)\S* (.*)$/.exec(line) ?? [];
      const refused = rest === 'REDACT #b :two-2' || rest === 'REDACT #b two-2';
      if (rest.startsWith('PRIVMSG'))
        peer.send(
          `@label=${label};msgid=two-${peer.received.filter((each) => each.includes('PRIVMSG')).length} :parley!p@h ${rest}`,
        );
      else if (refused) peer.send(`@label=${label} :raw.test FAIL REDACT REDACT_FORBIDDEN #b two-2 :too old`);
      else if (rest.startsWith('REDACT')) peer.send(`@label=${label} :parley!p@h ${rest}`);
      return rest !== '';
    },
  });
  const start = await backboneOf(t, one, two);
  const gateway = await start();
  const [here, there] = await Promise.all([one.peer(), two.peer()]);
  const said = (id: string, text: string) => here.send(`@msgid=${id} :anna!a@h PRIVMSG #a :${text}`);
  said('m1', 'first');
  await there.waitFor(/first/);
  said('m2', 'second');
  await there.waitFor(/second/);
  here.send(':anna!a@h REDACT #a m1 :wrong channel');
  t.regex(await there.waitFor(/REDACT/), /^@label=\d+ REDACT #b :?two-1$/);
  // Refused: in words then, not lost.
  here.send(':anna!a@h REDACT #a m2 :wrong channel');
  await there.waitFor(/REDACT #b :?two-2/);
  t.regex(await there.waitFor(/PRIVMSG/), /deleted a message/);
  // Nothing is known of it, so there is nothing to remove or to tell.
  here.send(':anna!a@h REDACT #a never-heard-of :x');
  // A copy that is removed there stays where it was said.
  there.send(':op!o@h REDACT #b two-1 :off topic', '@msgid=m9 :bert!b@h PRIVMSG #b :bye');
  await here.waitFor(/bye/);
  t.false(here.received.some((line) => line.includes('REDACT') && !line.includes('CAP')));
  const dropped = (name: string, reason: string) =>
    gateway.networks().find(({ network }) => network === name)?.counters.dropped[reason];
  t.is(dropped('two', 'relayed-copy'), 1);
  // The backbone is asked about it first.
  await until(() => dropped('one', 'unknown-target') === 1, { what: 'the count', deadlineMs: ROOM_MS });
});
