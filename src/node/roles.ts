/**
 * Who may use the backbone of a managed node: a table of users with least permissions, checked by the server.
 *
 * Answers are the weak spot of a shared backbone: whoever may listen on the reply inboxes of others reads what they are
 * told. So a role has inboxes of its own (`inbox`), which its clients must use (`inboxPrefix` in most NATS libraries);
 * those who answer may publish there, by name: `allow_responses` makes the server note every reply subject, and walk
 * through all of them at each message once there are 4,096 (0.35 ms a line at nats-server 2.9.10). Only command services
 * have that: they are not ours, and answer a few calls a second. Users of one role can
 * still hear each other's answers: what a `join` is told must be sealed with the secret of its invitation.
 */

/** Users of the main account; `sys` is the user of the system account. */
export const ROLES = ['gateway', 'cli', 'reader', 'join', 'sys'] as const;
export type Role = (typeof ROLES)[number];

/** Not clients: what nodes' servers say to each other to be let in. */
export const LINKS = ['route', 'leaf'] as const;
export type Link = (typeof LINKS)[number];

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer each message that it got, once, wherever the asker listens. */
  readonly answers?: true;
}

/** First tokens of the reply subjects of each kind of user. */
export const INBOXES = {
  gateway: '_INBOX',
  cli: '_INBOX',
  plugin: '_INBOX_plugin',
  reader: '_INBOX_reader',
  join: '_INBOX_join',
  sys: '_INBOX',
} as const;

/** Reading the log, the buckets and dead letters; nothing here changes or removes what is stored. */
const JETSTREAM_READ = [
  '$JS.API.INFO',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.MSG.GET.*',
  '$JS.API.DIRECT.GET.>',
  // Of their own: an ephemeral consumer a page, a watch, a follower.
  '$JS.API.CONSUMER.CREATE.>',
  '$JS.API.CONSUMER.INFO.>',
  '$JS.API.CONSUMER.NAMES.*',
  '$JS.API.CONSUMER.LIST.*',
  '$JS.API.CONSUMER.MSG.NEXT.>',
  '$JS.API.CONSUMER.DELETE.>',
  '$JS.ACK.>',
  '$JS.FC.>',
] as const;

/** Made and changed, never deleted: removing a stream is an operator's decision, outside Parley. */
const JETSTREAM_MAKE = ['$JS.API.STREAM.CREATE.*', '$JS.API.STREAM.UPDATE.*'] as const;

/** `{prefix}` as in the config; `{head}`: what streams begin with, empty for the default prefix. */
const TABLE: Readonly<Record<Exclude<Role, 'sys'>, Permissions>> = {
  gateway: {
    publish: [
      '{prefix}.>',
      ...JETSTREAM_READ,
      ...JETSTREAM_MAKE,
      '$JS.API.CONSUMER.DURABLE.CREATE.>',
      '$JS.API.STREAM.LEADER.STEPDOWN.*',
      '$JS.API.CONSUMER.LEADER.STEPDOWN.>',
      // Growing from one node to three moves the streams.
      '$JS.API.STREAM.SNAPSHOT.*',
      '$JS.API.STREAM.RESTORE.*',
      '$JS.SNAPSHOT.>',
      '$JS.API.STREAM.MSG.DELETE.{head}DEAD',
      '$JS.API.STREAM.PURGE.{head}DEAD',
      '$KV.>',
      '$SRV.>',
      '_INBOX.>',
      '_INBOX_join.>',
      '_INBOX_plugin.>',
    ],
    subscribe: ['{prefix}.>', '$SRV.>', '_INBOX.>'],
  },
  cli: {
    publish: [
      '{prefix}.>',
      ...JETSTREAM_READ,
      ...JETSTREAM_MAKE,
      // A backup: reading whole streams, which it may read message by message anyway.
      '$JS.API.STREAM.SNAPSHOT.*',
      '$JS.SNAPSHOT.ACK.>',
      '$JS.API.STREAM.MSG.DELETE.{head}DEAD',
      '$JS.API.STREAM.PURGE.{head}DEAD',
      '$KV.>',
      '$SRV.>',
    ],
    // Listens to rooms; it cannot answer in a gateway's place.
    subscribe: ['{prefix}.live.>', '_INBOX.>'],
  },
  reader: {
    publish: [],
    subscribe: ['{prefix}.live.room.*', '_INBOX_reader.>'],
  },
  join: {
    publish: ['{prefix}.node.join'],
    subscribe: ['_INBOX_join.>'],
  },
};

/** What a plugin of this network may do: hand in its events, and hear whether they were stored. */
const PLUGIN: Permissions = {
  publish: ['{prefix}.ingest.{network}'],
  subscribe: ['_INBOX_plugin.>'],
};

/** What a command service may do: hear its calls and who asks what services there are, and answer. */
const SERVICE: Permissions = {
  publish: [],
  subscribe: ['PING', 'INFO', 'STATS', 'SCHEMA'].flatMap((verb) => [
    `$SRV.${verb}`,
    `$SRV.${verb}.{service}`,
    `$SRV.${verb}.{service}.*`,
  ]),
  answers: true,
};

const MONITORING = ['CONNZ', 'HEALTHZ', 'JSZ', 'LEAFZ', 'ROUTEZ', 'STATSZ', 'VARZ'] as const;

/** In the system account: asking the servers how they are, and removing one that is gone for good. */
const SYSTEM: Permissions = {
  publish: [
    '$SYS.REQ.SERVER.PING',
    ...MONITORING.flatMap((topic) => [`$SYS.REQ.SERVER.PING.${topic}`, `$SYS.REQ.SERVER.*.${topic}`]),
    '$JS.API.SERVER.REMOVE',
    '$JS.API.META.LEADER.STEPDOWN',
  ],
  subscribe: ['_INBOX.>'],
};

export interface Naming {
  readonly prefix: string;
  /** What stream names begin with. */
  readonly head: string;
}

export function permissionsOf(role: Role, naming: Naming): Permissions {
  return role === 'sys' ? SYSTEM : filled(TABLE[role], naming);
}

/** `network` as a subject token. */
export function pluginPermissions(network: string, naming: Naming): Permissions {
  return filled(PLUGIN, { ...naming, network });
}

/** `service`: its name among micro services. */
export function servicePermissions(
  service: string,
  commands: readonly string[],
  naming: Naming,
): Permissions {
  const calls = commands.map((command) => `{prefix}.command.${command}`);
  return filled({ ...SERVICE, subscribe: [...calls, ...SERVICE.subscribe] }, { ...naming, service });
}

function filled(permissions: Permissions, words: object): Permissions {
  const fill = (pattern: string): string =>
    Object.entries(words).reduce(
      (text, [word, value]) => text.replaceAll(`{${word}}`, String(value)),
      pattern,
    );
  return {
    ...permissions,
    publish: permissions.publish.map(fill),
    subscribe: permissions.subscribe.map(fill),
  };
}
