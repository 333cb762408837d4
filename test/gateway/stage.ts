import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway/index.js';
import { silentLogger } from '../../src/log.js';
import {
  type IrcClient,
  type IrcServer,
  ircClient,
  startNgircd,
  type TestContext,
  temporaryDirectory,
  until,
} from '../peers/index.js';
import { loaderOf } from './loading.js';

const RELAYED = /^(?:[\x02\x0f\x03\d\u200b]*)<([^>]*)>\s?(.*)$/s;

/** What a person reads: without colours, marks and zero-width characters. */
export function seen(text: string): string {
  return text.replaceAll(/\x03\d{0,2}|[\x02\x0f\x11\x16\x1d\x1e\x1f\u200b]/g, '');
}

/** The text behind `<nick> `, as a person reads it. */
export function said(text: string): string {
  return RELAYED.exec(seen(text))?.[2] ?? seen(text);
}

export interface Stage {
  readonly gateway: Gateway;
  readonly config: string;
  /** Writes the config anew and reloads. */
  reload(text: string): Promise<unknown>;
  /** Ends the gateway and starts another in its place; not yet connected. */
  restart(): Promise<Gateway>;
  /** Resolves once the networks are connected, by default all. */
  connected(...networks: readonly string[]): Promise<void>;
}

/** A gateway of this process over a nats-server of its own. `body`: everything of the config but `node` and `http`. */
export async function startStage(
  t: TestContext,
  body: string,
  http = '',
  more: Pick<GatewayOptions, 'firstOwner'> = {},
  node = '',
): Promise<Stage> {
  const directory = await temporaryDirectory(t, 'gateway');
  const path = join(directory, 'parley.yaml');
  const write = (text: string) =>
    writeFile(
      path,
      `node: { name: test, listen: "127.0.0.1:auto", store: ./data, ${node} }\nhttp: { listen: "127.0.0.1:auto", ${http} }\n${text}`,
    );
  await write(body);
  const load = loaderOf(directory, path);
  const options = { load, log: silentLogger, version: '0.0.0', ...more };
  const gateway = await startGateway({ loaded: await load(), ...options });
  t.teardown(() => gateway.stop());
  return {
    gateway,
    config: path,
    reload: async (text) => {
      await write(text);
      return gateway.reload();
    },
    restart: async () => {
      await gateway.stop();
      const next = await startGateway({ loaded: await load(), ...options });
      t.teardown(() => next.stop());
      return next;
    },
    connected: async (...networks) => {
      await until(() => isConnected(gateway, networks), { what: 'networks to connect', deadlineMs: 15_000 });
    },
  };
}

function isConnected(gateway: Gateway, wanted: readonly string[]): boolean {
  const statuses = gateway
    .networks()
    .filter(({ network }) => wanted.length === 0 || wanted.includes(network));
  return statuses.every(({ state }) => state === 'connected');
}

export function network(name: string, { port }: Pick<IrcServer, 'port'>, more = 'flood: off'): string {
  return `  ${name}: { bridge: irc, host: 127.0.0.1, port: ${port}, tls: false, nick: parley, ${more} }\n`;
}

/** Somebody who is in the channel. */
export async function visitor(
  t: TestContext,
  server: IrcServer,
  nick: string,
  channel: string,
): Promise<IrcClient> {
  const client = await ircClient(t, server, { nick });
  await client.join(channel);
  return client;
}

export interface TwoNetworks extends Stage {
  readonly one: IrcServer;
  readonly two: IrcServer;
  readonly alice: IrcClient;
  readonly bob: IrcClient;
}

/** Alice on one IRC server, Bob on another, `#a` and `#b` joined in the room `lobby`. */
export async function startTwoNetworks(
  t: TestContext,
  more = '',
  http = '',
  node = '',
): Promise<TwoNetworks> {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const stage = await startStage(t, twoNetworks(one, two) + more, http, {}, node);
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  return { ...stage, one, two, alice, bob };
}

export function twoNetworks(
  one: Pick<IrcServer, 'port'>,
  two: Pick<IrcServer, 'port'>,
  flood = 'flood: off',
): string {
  return `networks:
${network('one', one, flood)}${network('two', two, flood)}rooms:
  lobby: { channels: [ { one: "#a" }, { two: "#b" } ] }
`;
}
