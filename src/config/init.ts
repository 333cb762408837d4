/** A config to start from, with a comment at everything that a newcomer will ask about. */

export interface InitAnswers {
  /** The community's own name for what is joined, `quakeworld`. */
  readonly room: string;
  readonly networks: readonly InitNetwork[];
  /** Address of the HTTP API; null: none. Default 127.0.0.1:8088. */
  readonly httpListen?: string | null;
  /** Written into the first line, for editors. */
  readonly schema?: string;
}

export interface InitNetwork {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly nick: string;
  readonly channel: string;
  /** Services account, for a login by SASL, on QuakeNet by Q. */
  readonly account?: string;
  /** Name of the environment variable with the account's password. Default `<NAME>_PASSWORD`. */
  readonly passwordVariable?: string;
}

/** A commented YAML text that loads without faults when the answers are valid. */
export function initConfig(answers: InitAnswers): string {
  const schema = answers.schema === undefined ? [] : [`# yaml-language-server: $schema=${answers.schema}`];
  return [
    ...schema,
    '# Parley config. `parley check` checks it, `parley reload` applies it, `parley start` runs it.',
    '# Every key is explained in docs/config.md.',
    '',
    ...NODE,
    'networks:',
    ...answers.networks.flatMap(networkLines),
    '',
    ...roomLines(answers),
    '',
    ...httpLines(answers.httpListen),
    '',
  ].join('\n');
}

/** The environment variable that the written config reads the password from. */
function passwordVariable(network: InitNetwork): string {
  if (network.passwordVariable !== undefined) return network.passwordVariable;
  const name = network.name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return `${/^[A-Z]/.test(name) ? name : `NETWORK_${name}`}_PASSWORD`;
}

const NODE = [
  '# The backbone: a nats-server that Parley runs on this machine. What was said is kept in `store`.',
  'node:',
  '  listen: 127.0.0.1:4222',
  '  store: ./data',
  '',
  '# The places to join. The names are yours; they appear in logs and in `rooms` below.',
];

function networkLines(network: InitNetwork): readonly string[] {
  return [
    `  ${scalar(network.name)}:`,
    '    bridge: irc',
    `    host: ${scalar(network.host)}`,
    `    port: ${network.port}`,
    network.tls
      ? '    tls: true'
      : '    tls: false # not encrypted: anyone on the way can read and change it',
    `    nick: ${scalar(network.nick)}`,
    ...saslLines(network),
  ];
}

function saslLines(network: InitNetwork): readonly string[] {
  if (/(?:^|\.)quakenet\.org$/i.test(network.host)) return qLines(network);
  if (network.account === undefined)
    return ['    # sasl: { account: parley, password: "$'.concat('{PASSWORD}" }')];
  return [
    '    sasl:',
    `      account: ${scalar(network.account)}`,
    `      password: $\{${passwordVariable(network)}} # from the environment; or file:path`,
  ];
}

/** QuakeNet has no SASL. */
function qLines(network: InitNetwork): readonly string[] {
  const { account = 'parley' } = network;
  const line = `services: { quakenet: { account: ${scalar(account)}, password: "$\{${passwordVariable(network)}}" } }`;
  return [network.account === undefined ? `    # ${line}` : `    ${line}`];
}

function roomLines({ room, networks }: InitAnswers): readonly string[] {
  return [
    '# What is said in one channel of a room is said in the others.',
    'rooms:',
    `  ${scalar(room)}:`,
    '    channels:',
    ...networks.map(({ name, channel }) => `      - ${scalar(name)}: ${scalar(channel)}`),
    '    # show: [join, part, quit] # say these too',
  ];
}

function httpLines(listen: string | null = '127.0.0.1:8088'): readonly string[] {
  if (listen === null) return ['http: off'];
  return [
    '# The HTTP API. `parley token create` makes a token for it.',
    'http:',
    `  listen: ${scalar(listen)}`,
  ];
}

/** Plain where that is safe, else in quotes; `$` and a brace would be taken for a variable. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][A-Za-z0-9._-]*$/.test(text) && !/^(true|false|null|on|off|yes|no)$/i.test(text);
  return plain ? text : JSON.stringify(text.replaceAll('${', '$$${'));
}
