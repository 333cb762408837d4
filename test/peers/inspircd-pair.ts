import type { TestContext } from './context.js';
import { type InspircdOptions, type InspircdServer, LINK_PASSWORD, startInspircd } from './inspircd.js';
import { connectIrc, type IrcClient, register } from './irc-client.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { until } from './wait.js';

export type PairOptions = Omit<InspircdOptions, 'links' | 'serverName' | 'serverId' | 'extra'>;

/** Two linked servers, for netsplits. Nothing links them again by itself. */
export interface InspircdPair {
  readonly left: InspircdServer;
  readonly right: InspircdServer;
  /** Cuts the link: each side sees the other's users QUIT with `left.name right.name`. */
  split(): Promise<void>;
  /** Links again; resolves when both sides have told each other everything. */
  relink(): Promise<void>;
  /** Resolves when the other server knows what this client did before: answers come in order over the link. */
  crossed(client: IrcClient): Promise<void>;
}

let serial = 0;

/** Starts both and links them. */
export async function startInspircdPair(t: TestContext, options: PairOptions = {}): Promise<InspircdPair> {
  const id = `${process.pid}-${++serial}.parley.test`;
  const names = { left: `left-${id}`, right: `right-${id}` };
  // The left one dials; a link needs a port on the other side too.
  const rightLink = linkTag(names.left, 1);
  const right = await startInspircd(t, {
    ...options,
    links: true,
    serverName: names.right,
    serverId: '2BB',
    extra: rightLink,
  });
  const wire = await startTcpProxy(t, right.linkPort ?? 0);
  const leftLink = linkTag(names.right, wire.port);
  const left = await startInspircd(t, {
    ...options,
    links: true,
    serverName: names.left,
    serverId: '1AA',
    extra: leftLink,
  });
  await relink(left, right);
  return {
    left,
    right,
    split: () => split(wire, left, right),
    relink: () => relink(left, right),
    crossed: async (client) => {
      for (const { name } of [left, right]) await answerOf(client, name);
    },
  };
}

function linkTag(name: string, port: number): string {
  return `<link name="${name}" ipaddr="127.0.0.1" port="${port}" allowmask="127.0.0.1" sendpass="${LINK_PASSWORD}" recvpass="${LINK_PASSWORD}">`;
}

/** By the wire, as in life: after an SQUIT one InspIRCd may keep the dead link for many seconds. */
async function split(wire: TcpProxy, left: InspircdServer, right: InspircdServer): Promise<void> {
  const watchers = await Promise.all([operatorOn(left), operatorOn(right)]);
  wire.cut();
  for (const [watcher, lost] of [
    [watchers[0], right],
    [watchers[1], left],
  ] as const) {
    await until(() => apart(watcher, lost), { what: `the other server to lose ${lost.name}` });
  }
  await Promise.all(watchers.map((watcher) => watcher.quit()));
}

async function relink(left: InspircdServer, right: InspircdServer): Promise<void> {
  const operator = await operatorOn(left);
  operator.send(`CONNECT ${right.name}`);
  await until(() => linked(operator, right), { what: `a link to ${right.name}` });
  // The answer comes over the link, so after both bursts.
  await answerOf(operator, right.name);
  await operator.quit();
}

async function answerOf(client: IrcClient, server: string): Promise<void> {
  client.send(`TIME ${server}`);
  await client.waitFor(({ command, source }) => command === '391' && source === server);
}

/** InspIRCd 3.15 may see that a link is gone only when it writes to it: a question makes it write. */
async function apart(client: IrcClient, other: InspircdServer): Promise<boolean> {
  client.send(`TIME ${other.name}`);
  return !(await linked(client, other));
}

async function linked(client: IrcClient, other: InspircdServer): Promise<boolean> {
  const from = client.received.length;
  client.send('LINKS');
  await client.waitFor(({ command }) => command === '365');
  return client.received.slice(from).some((line) => line.command === '364' && line.params[1] === other.name);
}

async function operatorOn(server: InspircdServer): Promise<IrcClient> {
  const operator = await connectIrc(server);
  const password = server.password === null ? {} : { password: server.password };
  await register(operator, { nick: `link-${server.name.split('-', 1)[0]}`, ...password });
  await operator.oper(server.oper.name, server.oper.password);
  return operator;
}
