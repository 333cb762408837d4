/** The config after loading: defaults filled in, durations in milliseconds, secrets resolved. Deep-frozen. */
import type { LogOptions } from '../log.js';
import type { BroadcastTexts } from './broadcast-texts.js';

export interface ParleyConfig {
  /** The machine's own nats-server, or null when `backbone` names others. Exactly one of the two is set. */
  readonly node: NodeConfig | null;
  readonly backbone: BackboneConfig | null;
  /** First token of every subject and the head of every stream name. Default `parley`. */
  readonly prefix: string;
  readonly history: HistoryConfig;
  /** Null: events wait for the backbone in memory only. */
  readonly spool: SpoolConfig | null;
  readonly owners: OwnersConfig;
  readonly networks: ReadonlyMap<string, NetworkConfig>;
  readonly rooms: ReadonlyMap<string, RoomConfig>;
  readonly access: AccessConfig;
  readonly bans: BansConfig;
  /** Null: no HTTP server. */
  readonly http: HttpConfig | null;
  readonly log: LogOptions;
  /** Null: nobody can ask anything. */
  readonly commands: CommandsConfig | null;
  /** Null: no canaries. */
  readonly canary: CanaryConfig | null;
  readonly broadcasts: BroadcastsConfig;
  /** Documents with channels and bans, in the order in which they win. */
  readonly remote: readonly RemoteConfig[];
  /** Programs that `parley start` runs beside itself for a try-out: the demo IRC server. Null in real configs. */
  readonly demo: DemoConfig | null;
}

/** Exactly one of `url` and `document` is set. */
export interface RemoteConfig {
  readonly name: string;
  readonly url: string | null;
  /** Name of a document of this backbone. */
  readonly document: string | null;
  readonly intervalMs: number;
  readonly token: string | null;
  /** `ed25519:` and the key, base64. */
  readonly key: string | null;
}

export interface NodeConfig {
  readonly name: string;
  /** Where NATS clients connect; port null = any free one. */
  readonly listen: { readonly host: string; readonly port: number | null };
  /** Absolute path of the directory for JetStream, credentials and pid file. */
  readonly store: string;
  /** Words that networks may prefer this machine by. */
  readonly labels?: readonly string[];
  /** Where the other members of a cluster connect. Absent: it cannot be a member. */
  readonly cluster?: ClusterListen;
  /** Where leaf nodes connect. Absent: it takes none. */
  readonly leaf?: { readonly listen: { readonly host: string; readonly port: number | null } };
  /** Absolute paths. Absent: the files in the store, if any. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Other machines may be let in without TLS. */
  readonly insecure?: boolean;
  /** Command services by name, each with the names of its commands. */
  readonly services?: Readonly<Record<string, readonly string[]>>;
}

export interface ClusterListen {
  readonly listen: { readonly host: string; readonly port: number | null };
  /** `host:port` that the others dial, when it differs. */
  readonly advertise?: string;
  /** Name of the cluster that is made here; a node that joins takes the one it joins. */
  readonly name?: string;
}

export interface BackboneConfig {
  readonly servers: readonly string[];
  /** Of this gateway. Absent: its host name. */
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Absolute path of a NATS credentials file. */
  readonly credentials?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Limits of the room log (stream ROOMS). */
export interface HistoryConfig {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Null: as many as fit the node (1 alone, 3 in a cluster), and what exists stays as it is. */
  readonly replicas: 1 | 3 | 5 | null;
}

/** Accepted events on disk while the backbone is away. */
export interface SpoolConfig {
  /** Absolute path of a directory. */
  readonly path: string;
  readonly maxBytes: number;
  /** Each batch is written through to the disk before it counts as accepted. */
  readonly sync: boolean;
}

/** Which gateways run the networks together. */
export interface OwnersConfig {
  /** Names of gateways. Null: this gateway alone. */
  readonly voters: readonly string[] | null;
  readonly labels: readonly string[];
}

/** Who may do what by the file alone. */
export interface AccessConfig {
  /** `account@network`, or whole author ids. */
  readonly owners: readonly string[];
  /** Role of a channel's operators for what is done to that channel. */
  readonly channelOperators: 'moderator' | 'operator' | null;
}

export interface BansConfig {
  /** Networks on which bans are applied, too: all, none, or these. */
  readonly onNetworks: boolean | readonly string[];
  /** A pattern that would have hit more of what was said lately, in percent, asks for `--force`. */
  readonly mostPercent: number;
}

export interface NetworkConfig {
  readonly name: string;
  /** The kind of bridge. */
  readonly bridge: string;
  /** The bridge's own fields, as its `config` spec parsed them. */
  readonly settings: unknown;
  /** Null: the bridge's default. `off` in the file: no limit (burst Infinity). */
  readonly flood: FloodConfig | null;
  /** Older messages become one digest line, ms. */
  readonly maxAgeMs: number;
  /** At most this many parts for one message, then "… (N more lines)". */
  readonly maxLines: number;
  /** `{nick} {network} {room} {channel} {bridge}`. */
  readonly nickFormat: string;
  /** IRC: colour each nick by its name. */
  readonly colorNicks: boolean;
  /** A zero-width character inside relayed nicks, so that nobody is pinged by their own line. */
  readonly breakPings: boolean;
  /** Labels or names of gateways, the most wanted first. */
  readonly prefer: readonly string[];
}

export interface FloodConfig {
  readonly burst: number;
  readonly perSecond: number;
}

export const SHOWABLE = ['join', 'part', 'quit', 'nick', 'kick', 'topic', 'netsplit'] as const;
export type Showable = (typeof SHOWABLE)[number];

export interface RoomConfig {
  readonly name: string;
  readonly channels: readonly RoomChannel[];
  /** Which of the quiet events are said in the other channels. Default none. */
  readonly show: readonly Showable[];
}

export interface RoomChannel {
  readonly network: string;
  readonly channel: string;
  /** As the bridge's `channelOptions` parsed them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `in`: heard here, said elsewhere. `out`: said here only. */
  readonly direction: 'in' | 'out' | 'both';
  readonly filter: FilterConfig;
  /** Overrides the room's. */
  readonly show: readonly Showable[] | null;
  /** Joined by command: the file does not have it. */
  readonly byCommand?: true;
}

/** Patterns are RE2: linear in time, no look-around, no back-references. Applied to what comes in from the channel. */
export interface FilterConfig {
  readonly ignoreNicks: readonly string[];
  readonly ignoreText: readonly string[];
  readonly replace: readonly { readonly pattern: string; readonly with: string }[];
}

export interface HttpConfig {
  readonly listen: { readonly host: string; readonly port: number | null };
  /** Tokens declared in the file; those made by `parley token create` live in the TOKENS bucket. */
  readonly tokens: readonly TokenConfig[];
  readonly publicBind: boolean;
  /** Requests per token and window. Null: no limit. Absent: none on loopback, 10,000 in 10 s elsewhere. */
  readonly rateLimit?: { readonly max: number; readonly windowMs: number } | null;
  /** PEM of the Ed25519 key that documents are signed with. */
  readonly signingKey?: string;
  /** The web page for operators is served at /console/. Default true. */
  readonly console?: boolean;
  /** Origins whose web pages may call the API (`https://portal.example`). Default none. */
  readonly cors?: readonly string[];
}

export interface TokenConfig {
  readonly name: string;
  /** `sha256:<64 hex>` of the token. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
}

/** `read:{room}`, `write:{room}` and `config:{document}` narrow a scope to one; `admin` is everything. */
export const SCOPES = ['read', 'write', 'status', 'config', 'admin'] as const;
/** Scopes that can be narrowed. */
export const NARROW_SCOPES = ['read', 'write', 'config'] as const;
export type Scope = (typeof SCOPES)[number] | `${(typeof NARROW_SCOPES)[number]}:${string}`;

export interface CommandsConfig {
  readonly prefixes: readonly string[];
  /** How long a service may take for an answer. */
  readonly timeoutMs: number;
  /** What is otherwise in single rooms. */
  readonly rooms: Readonly<Record<string, { readonly prefixes: readonly string[] }>>;
}

export interface CanaryConfig {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Null: every room. */
  readonly rooms: readonly string[] | null;
}

export interface DemoConfig {
  readonly irc: { readonly host: string; readonly port: number; readonly channel: string };
}

export interface BroadcastsConfig {
  readonly lists: readonly BroadcastListConfig[];
  /** When these rooms hear no list. */
  readonly quiet: readonly (QuietHours & { readonly rooms: readonly string[] })[];
  /** Null: nobody is warned or muted. */
  readonly warnings: WarningsConfig | null;
  /** Who may opt a channel out: its operators too, or only those with the permission `broadcast`. */
  readonly optOut: 'operators' | 'permission';
  /** BCP 47: of the spans of time in the texts. */
  readonly language: string;
  readonly texts: BroadcastTexts;
}

export interface BroadcastListConfig {
  readonly name: string;
  /** Each with its prefix: `.qw`. */
  readonly commands: readonly string[];
  readonly about: string | null;
  /** Rooms; null: all. */
  readonly hear: readonly string[] | null;
  /** Rooms; null: those that hear it. */
  readonly call: readonly string[] | null;
  readonly who: 'anyone' | 'verified' | 'voiced' | 'operators';
  readonly permission: string | null;
  readonly minAccountAgeMs: number | null;
  readonly whenAgeUnknown: 'allow' | 'verified' | 'refuse';
  /** 0: none. */
  readonly cooldown: { readonly personMs: number; readonly channelMs: number; readonly overallMs: number };
  /** `similarity`: 0 to 1, from where two texts are the same. */
  readonly repeats: { readonly withinMs: number; readonly similarity: number };
  /** Characters. */
  readonly maxLength: number;
  /** `{list} {nick} {channel} {network} {room} {text}`. */
  readonly format: string;
  /** Not said any more when it is older. */
  readonly maxAgeMs: number;
  /** Said in the room of the call, too. */
  readonly echo: boolean;
  readonly quiet: readonly QuietHours[];
  readonly dryRun: boolean;
}

/** Minutes since midnight by the clock on the wall of the zone; `to` is exclusive, and of the next day when it is less. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA. */
  readonly zone: string;
}

export interface WarningsConfig {
  /** So many warnings within `withinMs` are a mute. */
  readonly limit: number;
  readonly withinMs: number;
  /** The first mute; it doubles. */
  readonly muteMs: number;
  readonly longestMs: number;
  /** After so long since the last mute ended, the next is a first one. */
  readonly forgetMs: number;
}
