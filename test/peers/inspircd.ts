import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from './certificate.js';
import type { TestContext } from './context.js';
import { type IrcServer, type ServerCommand, type ServerPlace, startIrcServer } from './irc-server.js';

export const INSPIRCD_OPER = { name: 'root', password: 'operator' };
export const LINK_PASSWORD = 'linkpassword';

export interface InspircdOptions {
  /** Also listen with TLS on `tlsPort`. */
  readonly tls?: boolean;
  /** PASS that clients must give. */
  readonly password?: string;
  /** `off`: as fast as it can. `ordinary`: the program's defaults (fakelag, 10 commands at once, 1 per second). @default 'off' */
  readonly limits?: 'off' | 'ordinary';
  /** Quiet seconds before the server sends PING; as long again and it gives up. @default 120 */
  readonly pingSeconds?: number;
  /** Modules beside the default ones: `delayjoin`, `chanhistory`. */
  readonly modules?: readonly string[];
  /** @default made up */
  readonly serverName?: string;
  /** Three characters, unique in a network: `1AA`. @default '1AA' */
  readonly serverId?: string;
  /** Tags for the end of the file. */
  readonly extra?: string;
  /** Also listen for other servers and services, on `linkPort`. */
  readonly links?: boolean;
}

export interface InspircdServer extends IrcServer {
  /** Where servers and services link, or null. */
  readonly linkPort: number | null;
}

/** InspIRCd 3: IRCv3 capabilities (echo-message, server-time, msgid, labels, batches), K- and G-lines, casemapping. */
export async function startInspircd(t: TestContext, options: InspircdOptions = {}): Promise<InspircdServer> {
  const { tls = false, links = false, password = null } = options;
  let linkPort: number | null = null;
  const prepare = (place: ServerPlace) => {
    linkPort = links ? (place.ports.at(-1) ?? null) : null;
    return prepareInspircd(place, options, linkPort);
  };
  const ports = 1 + (tls ? 1 : 0) + (links ? 1 : 0);
  const recipe = {
    label: 'inspircd',
    ports,
    tls,
    password,
    oper: INSPIRCD_OPER,
    prepare,
    name: options.serverName,
  };
  return Object.assign(await startIrcServer(t, recipe), { linkPort });
}

const MODULES = [
  ...[
    'banexception',
    'botmode',
    'cap',
    'chghost',
    'gecosban',
    'monitor',
    'muteban',
    'namesx',
    'noctcp',
    'redirect',
  ],
  ...['ircv3', 'ircv3_accounttag', 'ircv3_batch', 'ircv3_capnotify', 'ircv3_chghost', 'ircv3_ctctags'],
  ...['ircv3_echomessage', 'ircv3_invitenotify', 'ircv3_labeledresponse', 'ircv3_msgid', 'ircv3_servertime'],
  ...[
    'sajoin',
    'sakick',
    'samode',
    'sanick',
    'sapart',
    'services_account',
    'setname',
    'spanningtree',
    'sslinfo',
  ],
  ...['sslmodes', 'stripcolor', 'uhnames'],
];

async function prepareInspircd(
  place: ServerPlace,
  options: InspircdOptions,
  linkPort: number | null,
): Promise<ServerCommand> {
  const file = join(place.directory, 'inspircd.conf');
  const certificate = options.tls ? await makeCertificate(place.directory) : null;
  const parts = [
    serverTags(place, options),
    listenTags(place, linkPort, certificate),
    connectTag(options),
    operTags(),
    modulesTags([...MODULES, ...(options.modules ?? [])]),
    options.extra ?? '',
  ];
  await writeFile(file, `${parts.join('\n')}\n`);
  const asRoot = process.getuid?.() === 0 ? ['--runasroot'] : [];
  return {
    command: 'inspircd',
    args: ['--config', file, '--nofork', '--nopid', ...asRoot],
    ca: certificate?.cert ?? null,
  };
}

function serverTags(place: ServerPlace, options: InspircdOptions): string {
  const { directory, name } = place;
  return `
<config format="xml">
<server name="${name}" description="A test server" network="ParleyTest" id="${options.serverId ?? '1AA'}">
<admin name="Test" nick="test" email="test@parley.test">
<path configdir="${directory}" datadir="${directory}" logdir="${directory}" runtimedir="${directory}">
<log method="file" type="* -USERINPUT -USEROUTPUT -MODULE" level="default" target="/dev/stderr">
<performance softlimit="10000" somaxconn="4096" netbuffersize="65536" clonesonconnect="no">
<options hideserver="" splitwhois="no" announceinvites="dynamic" hostintopic="yes">
<security maxtargets="20">
<insane hostmasks="yes" ipmasks="yes" nickmasks="yes" trigger="100">
<dns server="127.0.0.1" timeout="1">`;
}

function listenTags(
  place: ServerPlace,
  linkPort: number | null,
  certificate: { readonly cert: string; readonly key: string } | null,
): string {
  const [plain, second] = place.ports;
  const tags = [`<bind address="127.0.0.1" port="${plain}" type="clients">`];
  if (linkPort !== null) tags.push(`<bind address="127.0.0.1" port="${linkPort}" type="servers">`);
  if (certificate !== null) {
    tags.push(
      '<module name="ssl_gnutls">',
      `<sslprofile name="test" provider="gnutls" certfile="${certificate.cert}" keyfile="${certificate.key}" hash="sha256" requestclientcert="yes">`,
      `<bind address="127.0.0.1" port="${second}" type="clients" sslprofile="test">`,
    );
  }
  return tags.join('\n');
}

function connectTag(options: InspircdOptions): string {
  const { password, limits = 'off', pingSeconds = 120 } = options;
  const off =
    'fakelag="off" threshold="1000000000" commandrate="1000000000" recvq="64M" softsendq="64M" hardsendq="128M"';
  const ordinary =
    'fakelag="on" threshold="10" commandrate="1000" recvq="8K" softsendq="8192" hardsendq="1M"';
  const pass = password === undefined ? '' : ` password="${password}"`;
  const limit = limits === 'off' ? off : ordinary;
  return `<connect name="main" allow="*" localmax="10000" globalmax="10000" maxchans="2000" resolvehostnames="no" useident="no" timeout="20" pingfreq="${pingSeconds}" modes="" ${limit}${pass}>`;
}

function operTags(): string {
  return `
<class name="All" commands="*" privs="*" usermodes="*" chanmodes="*" snomasks="*">
<type name="NetAdmin" classes="All" maxchans="2000">
<oper name="${INSPIRCD_OPER.name}" password="${INSPIRCD_OPER.password}" host="*@*" type="NetAdmin">`;
}

function modulesTags(modules: readonly string[]): string {
  return modules.map((name) => `<module name="${name}">`).join('\n');
}
