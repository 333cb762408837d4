import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from './context.js';
import { type InspircdOptions, type InspircdServer, LINK_PASSWORD, startInspircd } from './inspircd.js';
import { connectIrc, type IrcClient, register } from './irc-client.js';
import { type PeerProcess, startProcess } from './process.js';
import { until } from './wait.js';

export const SERVICES_NAME = 'services.parley.test';

export interface ServicesOptions extends InspircdOptions {
  /** Account → password, registered with NickServ before the promise resolves. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Account → fingerprint of the client certificate that may use SASL EXTERNAL (needs `tls`). */
  readonly certificates?: Readonly<Record<string, string>>;
}

/** InspIRCd with Atheme beside it: NickServ, ChanServ and SASL (PLAIN, EXTERNAL). `start` brings both back. */
export interface ServicesServer extends InspircdServer {
  /** The services go away, with a split; the server stays. SASL then fails. */
  stopServices(): Promise<void>;
  /** Resolves when NickServ is on the network again. */
  startServices(): Promise<void>;
}

/** Starts both and registers the accounts. */
export async function startServices(t: TestContext, options: ServicesOptions = {}): Promise<ServicesServer> {
  const extra = `${linkTags()}\n${options.extra ?? ''}`;
  const modules = [
    'sasl',
    'deaf',
    'servprotect',
    'svshold',
    'hideoper',
    'topiclock',
    ...(options.modules ?? []),
  ];
  const server = await startInspircd(t, { ...options, links: true, modules, extra });
  const services = new Services(t, server);
  await services.start((client) => registerAccounts(client, options));
  const start = server.start.bind(server);
  return Object.assign(server, {
    start: async () => {
      await start();
      await services.restart();
    },
    stopServices: () => services.stop(),
    startServices: () => services.start(),
  });
}

class Services {
  #process: PeerProcess | null = null;

  constructor(
    readonly t: TestContext,
    readonly server: InspircdServer,
  ) {}

  /** Calls `first` with a client once NickServ is there. */
  async start(first: (client: IrcClient) => Promise<void> = async () => {}): Promise<void> {
    const directory = join(this.server.directory, 'services');
    const config = join(directory, 'atheme.conf');
    await mkdir(directory, { recursive: true });
    await writeFile(config, athemeConfig(this.server));
    const files = ['-c', config, '-D', directory, '-l', join(directory, 'log'), '-p', join(directory, 'pid')];
    const options = { name: 'atheme', command: 'atheme-services', args: ['-n', ...files], cwd: directory };
    this.#process = await startProcess(this.t, options);
    const client = await visitor(this.server);
    await nickServ(client, this.#process);
    await first(client);
    await client.quit();
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async restart(): Promise<void> {
    await this.#process?.kill();
    await this.start();
  }
}

async function nickServ(client: IrcClient, services: PeerProcess): Promise<void> {
  const online = async () => {
    if (!services.running) throw new Error(`atheme ended at its start:\n${services.log()}`);
    client.send('ISON NickServ');
    return (await client.waitFor(({ command }) => command === '303')).text.includes('NickServ');
  };
  await until(online, { what: 'NickServ to be online', deadlineMs: 10_000, everyMs: 20 });
}

/** One after the other, under the nick of each: an account belongs to the nick that registers it. */
async function registerAccounts(client: IrcClient, options: ServicesOptions): Promise<void> {
  const { accounts = {}, certificates = {} } = options;
  for (const [account, password] of Object.entries(accounts)) {
    client.send(`NICK ${account}`);
    await ask(client, `REGISTER ${password} ${account}@parley.test`, /is now registered/);
    const fingerprint = certificates[account];
    if (fingerprint !== undefined) await ask(client, `CERT ADD ${fingerprint}`, /Added fingerprint/);
    await ask(client, 'LOGOUT', /logged out/);
  }
}

async function ask(client: IrcClient, request: string, answer: RegExp): Promise<void> {
  client.say('NickServ', request);
  await client.waitFor(({ command, text }) => command === 'NOTICE' && answer.test(text));
}

async function visitor(server: InspircdServer): Promise<IrcClient> {
  const client = await connectIrc(server);
  await register(client, {
    nick: 'registrar',
    ...(server.password === null ? {} : { password: server.password }),
  });
  return client;
}

/** A link needs a port, though it is the services who connect. */
function linkTags(): string {
  return `
<link name="${SERVICES_NAME}" ipaddr="127.0.0.1" port="1" allowmask="127.0.0.1" sendpass="${LINK_PASSWORD}" recvpass="${LINK_PASSWORD}">
<uline server="${SERVICES_NAME}" silent="yes">
<sasl target="${SERVICES_NAME}" requiressl="no">`;
}

const ATHEME_MODULES = [
  ...['protocol/inspircd', 'backend/opensex', 'crypto/pbkdf2v2'],
  // enforce brings RELEASE, REGAIN and SET ENFORCE.
  ...['main', 'cert', 'enforce', 'ghost', 'group', 'identify', 'info', 'logout', 'register', 'set_core'].map(
    (name) => `nickserv/${name}`,
  ),
  ...['main', 'flags', 'op', 'register', 'invite'].map((name) => `chanserv/${name}`),
  ...['saslserv/main', 'saslserv/plain', 'saslserv/external'],
];

function athemeConfig(server: InspircdServer): string {
  const service = (section: string, nick: string) =>
    `${section} { nick = "${nick}"; user = "services"; host = "${SERVICES_NAME}"; real = "${nick}"; };`;
  return `
${ATHEME_MODULES.map((name) => `loadmodule "modules/${name}";`).join('\n')}
pbkdf2v2 { rounds = 10000; };
serverinfo {
  name = "${SERVICES_NAME}"; desc = "Services"; numeric = "9SV"; recontime = 1; netname = "ParleyTest";
  hidehostsuffix = "users.parley.test"; adminname = "Test"; adminemail = "test@parley.test";
  registeremail = "test@parley.test"; mta = "/bin/true"; loglevel = { error; info; };
  maxlogins = 100; maxusers = 100; mdlimit = 30; emaillimit = 1000; emailtime = 300; auth = none; casemapping = rfc1459;
};
uplink "${server.name}" {
  host = "127.0.0.1"; port = ${server.linkPort}; send_password = "${LINK_PASSWORD}"; receive_password = "${LINK_PASSWORD}";
};
${service('nickserv', 'NickServ')}
${service('chanserv', 'ChanServ')}
${service('saslserv', 'SaslServ')}
general { helpchan = "#help"; commit_interval = 5; flood_msgs = 0; kline_time = 7; };
`;
}
