/** What `parley init` must know, from flags or from questions. */
import type { InitAnswers, InitNetwork } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Check, Questions } from './questions.js';

const PORT = { plain: 6667, tls: 6697 } as const;
/** Networks not known to offer TLS everywhere. */
const PLAIN_HOSTS = /(?:^|\.)(?:quakenet|undernet)\.org$/i;
const MAX_PORT = 65_535;
const NETWORK_FLAG = /^([A-Za-z0-9_-]+)=(ircs?):\/\/([A-Za-z0-9._:[\]-]+?)(?::(\d+))?\/(.+)$/;

/** `libera=ircs://irc.libera.chat:6697/#quakeworld`. Throws USAGE. */
export function networkFromFlag(text: string, nick: string): InitNetwork {
  const [, name, scheme, host, port, channel] = NETWORK_FLAG.exec(text) ?? [];
  if (name === undefined || host === undefined || channel === undefined) {
    throw new ParleyError('USAGE', `--network: expected name=irc://host:port/#channel, got "${text}".`, {
      fix: 'For example `--network "libera=ircs://irc.libera.chat:6697/#quakeworld"` (ircs is with TLS).',
    });
  }
  const tls = scheme === 'ircs';
  const fallback = tls ? PORT.tls : PORT.plain;
  return {
    name,
    host,
    port: port === undefined ? fallback : Number(port),
    tls,
    nick,
    channel: channelOf(channel),
  };
}

/** In a URL the first # may be left out (a shell takes it for a comment). */
function channelOf(text: string): string {
  return /^[#&+!]/.test(text) ? text : `#${text}`;
}

/** `nick` is the default. */
export async function askAnswers(
  questions: Questions,
  given: InitAnswers,
  nick: string,
): Promise<InitAnswers> {
  const room = await questions.ask('Name of the room that joins the channels', given.room, isName);
  const networks = [...given.networks];
  do {
    networks.push(await askNetwork(questions, networks, nick));
  } while (await questions.confirm('Another network?', networks.length < 2));
  const http = await questions.confirm('HTTP API on 127.0.0.1:8088?', given.httpListen !== null);
  return { ...given, room, networks, ...(http ? {} : { httpListen: null }) };
}

async function askNetwork(
  questions: Questions,
  known: readonly InitNetwork[],
  nick: string,
): Promise<InitNetwork> {
  const taken = new Set(known.map(({ name }) => name));
  const name = await questions.ask('Network: your name for it', '', (text) =>
    taken.has(text) ? `there is a network "${text}" already` : isName(text),
  );
  const host = await questions.ask('  its server', hostOf(name), isHost);
  const tls = await questions.confirm('  with TLS?', !PLAIN_HOSTS.test(host));
  const port = await questions.ask('  port', String(tls ? PORT.tls : PORT.plain), isPort);
  const channel = await questions.ask('  channel', `#${name}`, isChannel);
  return { name, host, port: Number(port), tls, nick: await questions.ask('  nick', nick, isNick), channel };
}

/** Most networks have such a name. */
function hostOf(network: string): string {
  return network.toLowerCase().startsWith('libera') ? 'irc.libera.chat' : `irc.${network}.org`;
}

const isName: Check = (text) => (/^[A-Za-z0-9_-]+$/.test(text) ? null : 'expected letters, digits, - and _');
const isHost: Check = (text) =>
  /^[A-Za-z0-9._:-]+$/.test(text) ? null : 'expected a host name or an IP address';
const isNick: Check = (text) =>
  /^[A-Za-z[\]\\`_^{|}][\w[\]\\`^{|}-]*$/.test(text) ? null : 'expected a nick such as parley';
const isChannel: Check = (text) =>
  /^[#&+!][^\s,]+$/.test(text) ? null : 'expected a channel such as #quake';
const isPort: Check = (text) => {
  const port = Number(text);
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT ? null : `expected a port 1–${MAX_PORT}`;
};
