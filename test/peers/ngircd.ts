import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCertificate } from './certificate.js';
import type { TestContext } from './context.js';
import { type IrcServer, type ServerCommand, type ServerPlace, startIrcServer } from './irc-server.js';

const run = promisify(execFile);
const OPER = { name: 'root', password: 'operator' };

export interface NgircdOptions {
  /** Also listen with TLS on `tlsPort`. */
  readonly tls?: boolean;
  /** PASS that clients must give. */
  readonly password?: string;
  /** `off`: no penalties, any number of connections. `ordinary`: what the program does by itself. @default 'off' */
  readonly limits?: 'off' | 'ordinary';
  /** @default 20; the program's own default is 9 */
  readonly maxNickLength?: number;
  /** Quiet seconds before the server sends PING, and how long it waits for PONG. */
  readonly pingSeconds?: number;
  readonly pongSeconds?: number;
  /** `#name` → modes such as `+k secret`, made at the start. */
  readonly channels?: Readonly<Record<string, string>>;
  /** Lines for the end of the file, sections included. */
  readonly extra?: string;
}

/** ngIRCd: RFC 2812, few capabilities, nothing after it. */
export function startNgircd(t: TestContext, options: NgircdOptions = {}): Promise<IrcServer> {
  const tls = options.tls ?? false;
  const password = options.password ?? null;
  const prepare = (place: ServerPlace) => prepareNgircd(place, options);
  return startIrcServer(t, { label: 'ngircd', ports: tls ? 2 : 1, tls, password, oper: OPER, prepare });
}

async function prepareNgircd(place: ServerPlace, options: NgircdOptions): Promise<ServerCommand> {
  const file = join(place.directory, 'ngircd.conf');
  const ssl = options.tls ? await sslSection(place) : null;
  const sections = [
    globalSection(place, options),
    limitsSection(options),
    '[Options]\nDNS = no\nIdent = no\nPAM = no\nOperCanUseMode = yes\nSyslogFacility = local1',
    `[Operator]\nName = ${OPER.name}\nPassword = ${OPER.password}`,
    ssl?.section ?? '',
    ...Object.entries(options.channels ?? {}).map(
      ([name, modes]) => `[Channel]\nName = ${name}\nModes = ${modes}`,
    ),
    options.extra ?? '',
  ];
  await writeFile(file, `${sections.join('\n\n')}\n`);
  return { command: 'ngircd', args: ['--nodaemon', '--config', file], ca: ssl?.ca ?? null };
}

function globalSection(place: ServerPlace, options: NgircdOptions): string {
  const lines = [
    '[Global]',
    `Name = ${place.name}`,
    'Info = A test server',
    'Listen = 127.0.0.1',
    `Ports = ${place.ports[0]}`,
    'Network = ParleyTest',
    'MotdPhrase = Hello',
  ];
  if (options.password !== undefined) lines.push(`Password = ${options.password}`);
  // Started by root it becomes nobody, whatever ServerUID says, after it has read its files: enough, short of REHASH.
  return lines.join('\n');
}

function limitsSection(options: NgircdOptions): string {
  const { limits = 'off', maxNickLength = 20, pingSeconds = 120, pongSeconds = 20 } = options;
  const off = ['MaxPenaltyTime = 0', 'MaxConnectionsIP = 0', 'MaxConnections = 0', 'MaxJoins = 0'];
  return [
    '[Limits]',
    `MaxNickLength = ${maxNickLength}`,
    `PingTimeout = ${pingSeconds}`,
    `PongTimeout = ${pongSeconds}`,
    ...(limits === 'off' ? off : []),
  ].join('\n');
}

async function sslSection(place: ServerPlace): Promise<{ readonly section: string; readonly ca: string }> {
  const { cert, key } = await makeCertificate(place.directory);
  const dh = join(place.directory, 'dh.pem');
  // Without a file, the GnuTLS build computes parameters at every start, for seconds.
  await run('openssl', [
    'genpkey',
    '-genparam',
    '-algorithm',
    'DH',
    '-pkeyopt',
    'group:ffdhe2048',
    '-out',
    dh,
  ]);
  const lines = [
    '[SSL]',
    `CertFile = ${cert}`,
    `KeyFile = ${key}`,
    `DHFile = ${dh}`,
    `Ports = ${place.ports[1]}`,
  ];
  return { section: lines.join('\n'), ca: cert };
}
