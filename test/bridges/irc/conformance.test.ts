import test, { type ExecutionContext } from 'ava';
import irc from '../../../bridges/irc/index.js';
import { conformance, type RunningPeer } from '../../conformance.js';
import { type IrcServer, ircClient, startInspircd, startNgircd } from '../../peers/index.js';

const CHANNEL = '#quake';
const WRONG = {
  host: ['irc example', ''],
  port: [0, 66970, '6667'],
  nick: ['two words', ''],
  tls: 'yes',
  'sasl.account': 5,
  connectTimeout: 'soon',
};

/** Without the invisible mark of a relayed line. */
const unmarked = (text: string) => text.replace(/^(?:\x02\x02|\u2060\u2060)/, '');

/** A server with somebody in the channel, who comes back when the server does. */
async function peerOn(t: ExecutionContext, server: IrcServer): Promise<RunningPeer> {
  const heard: string[] = [];
  const enter = async () => {
    const client = await ircClient(t, server, { nick: 'anna' });
    await client.join(CHANNEL);
    return client;
  };
  let anna = await enter();
  return {
    channel: CHANNEL,
    longestBytes: 400,
    config: () => ({ host: server.host, port: server.port, tls: false, nick: 'parley' }),
    say: async (text) => {
      anna.say(CHANNEL, text);
      await anna.roundtrip();
    },
    heard: () => [...heard, ...anna.heard(CHANNEL)].map(unmarked),
    alone: {
      person: 'anna',
      say: async (text) => {
        anna.say('parley', text);
        await anna.roundtrip();
      },
      heard: () =>
        anna.received
          .filter(
            ({ command, params, raw }) => command === 'NOTICE' && params[0] === 'anna' && raw.includes('!'),
          )
          .map(({ text }) => text),
    },
    kill: () => server.kill(),
    restart: async () => {
      heard.push(...anna.heard(CHANNEL));
      await server.start();
      anna = await enter();
    },
  };
}

conformance(test, {
  name: 'irc on ngircd',
  bridge: irc,
  peer: { start: async (t) => peerOn(t, await startNgircd(t)), wrong: WRONG },
});

conformance(test, {
  name: 'irc on inspircd',
  bridge: irc,
  peer: { start: async (t) => peerOn(t, await startInspircd(t)), wrong: {} },
});
