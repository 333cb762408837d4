/** What one IRC network may be told in the config. */
import { durationField, field, hostField, portField, secretField, tlsField } from '../../src/bridge.js';

const NICK = /^[^\s,:!@#&+~%*?\x00-\x1f][^\s,:!@*?\x00-\x1f]*$/;
const LOGIN_REQUIRED = 'Stay away from the channels, and from the network, while the login fails.';

function nickField(description: string) {
  return field.string().max(64).regex(NICK, 'expected a nick such as "parley"').meta({ description });
}

/** A word of the protocol: it would end at a space. */
function wordField(description: string) {
  return field
    .string()
    .min(1)
    .regex(/^[^\s\x00-\x1f]+$/, 'expected one word')
    .meta({ description });
}

const saslField = field
  .strictObject({
    mechanism: field
      .enum(['plain', 'external'])
      .default('plain')
      .meta({ description: '`external` logs in with the client certificate of `tls`.' }),
    account: wordField('Name of the services account.').optional(),
    password: secretField('Password of the account.').optional(),
    required: field.boolean().default(true).meta({ description: LOGIN_REQUIRED }),
  })
  .refine((sasl) => sasl.mechanism === 'external' || (sasl.account && sasl.password), {
    error: 'expected `account` and `password`, or `mechanism: external`',
  })
  .meta({ description: 'Login during registration (SASL).' });

const nickservField = field
  .strictObject({
    service: wordField('Whom to ask.').default('NickServ'),
    account: wordField('Name of the account, where it is not the nick.').optional(),
    password: secretField('Password of the account.'),
    required: field.boolean().default(true).meta({ description: LOGIN_REQUIRED }),
  })
  .meta({ description: 'Login by a message to NickServ, for networks without SASL.' });

const quakenetField = field
  .strictObject({
    account: wordField('Name of the Q account.'),
    password: secretField('Password of the Q account.'),
    hideHost: field.boolean().default(true).meta({ description: 'Set mode +x, so that Q hides the host.' }),
    required: field.boolean().default(true).meta({ description: LOGIN_REQUIRED }),
  })
  .meta({ description: 'Login by AUTH to Q on QuakeNet.' });

const servicesField = field
  .strictObject({ nickserv: nickservField.optional(), quakenet: quakenetField.optional() })
  .meta({ description: 'Login after registration, before any channel is entered.' });

const rejoinField = field
  .strictObject({
    delay: durationField('First wait after a kick or a refused JOIN; doubled each time.').prefault('10s'),
    max: field.int().min(0).max(1000).default(10).meta({ description: 'Tries before a person must act.' }),
  })
  .prefault({})
  .meta({ description: 'Coming back after a kick, a full channel, a ban.' });

const webircField = field
  .strictObject({
    password: secretField('Password of the WEBIRC block.'),
    gateway: wordField('Name of the gateway.'),
    hostname: wordField('Host name to appear from.'),
    address: wordField('IP address to appear from.'),
  })
  .meta({ description: 'Appear from another address (WEBIRC), where the server trusts us to say so.' });

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding.length > 0;
  } catch {
    return false;
  }
}

export const ircConfig = field.strictObject({
  host: hostField('Address of the server.'),
  port: portField('Default 6697, or 6667 when `tls` is false.', 'Usually 6697 (TLS) or 6667.').optional(),
  tls: tlsField('Encryption; certificates are verified unless told otherwise.').default(true),
  nick: nickField('Nick to have.'),
  alternates: field.array(nickField('A nick.')).default([]).meta({ description: 'Nicks to fall back to.' }),
  username: wordField('User name (ident).').default('parley'),
  realname: field.string().min(1).max(100).default('Parley').meta({ description: 'Real name, for WHOIS.' }),
  password: secretField('Password of the server (PASS).').optional(),
  sasl: saslField.optional(),
  services: servicesField.optional(),
  encoding: field
    .string()
    .refine(isEncoding, { error: 'expected an encoding such as "windows-1252" or "koi8-r"' })
    .default('windows-1252')
    .meta({ description: 'What lines that are not UTF-8 are taken for.' }),
  ignoreBots: field.boolean().default(false).meta({ description: 'Drop what users marked as bots say.' }),
  mark: field
    .boolean()
    .default(true)
    .meta({ description: 'Start relayed lines with an invisible mark, so that another Parley drops them.' }),
  confirm: field.enum(['auto', 'echo', 'ping', 'none']).default('auto').meta({
    description: 'How delivery is made sure of: echo-message where offered, else a PING after the line.',
  }),
  confirmGap: durationField('Least time between two such PINGs while lines come slowly.').prefault('10s'),
  rejoin: rejoinField,
  bind: hostField('Local address to connect from.').optional(),
  webirc: webircField.optional(),
  connectTimeout: durationField('Longest wait for connection and registration.').prefault('30s'),
  loginTimeout: durationField('Longest wait for the answer of services.').prefault('15s'),
  joinTimeout: durationField('Longest wait for the answer to a JOIN.').prefault('15s'),
  pingInterval: durationField('Silence after which the server is asked; twice that and it is gone.').prefault(
    '30s',
  ),
  regainInterval: durationField(
    'How often to look whether the nick is free again, without MONITOR.',
  ).prefault('60s'),
});

export type IrcConfig = typeof ircConfig._output;

export const ircChannelOptions = field.strictObject({
  key: field
    .string()
    .regex(/^[^\s,\x00-\x1f]+$/, 'expected a key without spaces and commas')
    .optional()
    .meta({ description: 'Key of the channel (mode +k).', secret: true }),
});

export type IrcChannelOptions = typeof ircChannelOptions._output;

/** RFC 2812 §1.3, with every channel type that servers announce. */
export function checkChannel(channel: string): string | null {
  const valid = /^[#&+!][^\s,\x00-\x1f]+$/.test(channel) && Buffer.byteLength(channel) <= 200;
  return valid ? null : 'expected a channel name such as "#quake"';
}
