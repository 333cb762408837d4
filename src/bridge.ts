/**
 * The page a bridge author reads, and the one file a bridge imports besides its client library.
 *
 * A bridge is a kind of adapter (`irc`). The core opens it once per configured network, supervises the
 * connection (back-off, reconnect, flood control, queueing, dead letters) and renders text for it.
 * The bridge speaks its protocol and nothing else. docs/bridge-author.md walks through an example.
 */
import type { z } from 'zod';
import type { Logger } from './log.js';
import type { Attachment, Author, EventType, ParleyEvent } from './message/event.js';

export {
  channelField,
  durationField,
  field,
  fileField,
  hostField,
  portField,
  secretField,
  sizeField,
  tlsField,
} from './config/fields.js';
export { DeliveryError, ParleyError, PermanentError, reasonOf, ThrottledError } from './errors.js';
export type { Logger } from './log.js';
export type { Attachment, Author, EventType, ParleyEvent } from './message/event.js';

/** Field specs: each field has a description, a default or none, and a check. `z.output` of it is the config type. */
export type ConfigSpec<Config> = z.ZodType<Config>;

export interface Bridge<Config, ChannelOptions = unknown> {
  /** `irc`: config value of `bridge:`, log label. */
  readonly kind: string;
  readonly capabilities: Capabilities;
  /** The fields of one network of this kind, beside those that every network has. A zod object. */
  readonly config: ConfigSpec<Config>;
  /** Fields that a room may give beside the channel (`key` for IRC). A zod object. */
  readonly channelOptions?: ConfigSpec<ChannelOptions>;
  /** Says what is wrong with a channel address, or null: `expected a channel name such as "#quake"`. */
  checkChannel(channel: string): string | null;
  /**
   * Resolves once usable: registered, logged in, and the first attempt to enter every channel has been answered.
   * Throws PermanentError when a person must act, ThrottledError when the network asks for patience, anything
   * else to be retried. Aborting `signal` ends the attempt and, later, the connection.
   */
  open(config: Config, network: Network, signal: AbortSignal): Promise<Connection>;
}

/** What the core lends to one configured network. */
export interface Network {
  readonly name: string;
  /** Already labelled with kind and name. */
  readonly log: Logger;
  /**
   * False once another gateway may own the network. The core asks before each `deliver`; a bridge that says something
   * later than it was told to (a second attempt) asks right before it.
   */
  owned?(): boolean;
  /** The flood limit that the core keeps to, in parts; an infinite burst: none, the server is one's own. */
  readonly flood: { readonly burst: number; readonly perSecond: number };
  /** The channels that rooms attach now. Changes come through `Connection.attach` and `Connection.detach`. */
  channels(): readonly Channel[];
  /**
   * Resolves once the event is stored: acknowledge upstream (PUBACK, HTTP 202) then. Rejects when it was refused.
   * Safe not to await. `event.channel` must be spelled as in `channels()`.
   */
  receive(event: NetworkEvent): Promise<void>;
  /**
   * Connected but not whole (`#ops: banned`), one reason per channel or `null` key for the network; null = whole
   * again.
   */
  degraded(channel: string | null, reason: string | null): void;
  /** Something was heard and left out by the bridge itself: counted by reason, a word such as `playback`. */
  dropped?(reason: string): void;
  /** Somebody said something to us alone: a command, never chat. It is not stored. Absent: nobody listens. */
  addressed?(message: PrivateMessage): void;
}

/** What one person said to us alone. */
export interface PrivateMessage {
  readonly author: Author;
  /** Address of who said it, for the answer: what `OutboundMessage.channel` is to be when `private`. On IRC the nick. */
  readonly person: string;
  readonly text: string;
  /** Default `plain`. */
  readonly markup?: NetworkMarkup;
  /** As in `NetworkEvent.mask`. */
  readonly mask?: string;
}

export interface Channel {
  /** As the config spells it. */
  readonly address: string;
  /** As `channelOptions` parsed it. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Exists only while it is usable. */
export interface Connection {
  /**
   * Resolves once the network took the message; throws DeliveryError. May be called again before the
   * last call has settled, up to `capabilities.inFlight` times: the order of the calls is the order on the wire.
   */
  deliver(message: OutboundMessage): Promise<Receipt>;
  /** Settles once: resolves after `signal` aborted, rejects when the connection is lost. */
  readonly closed: Promise<void>;
  /** Enters a channel that a reload added. Resolves when the attempt is answered; failures go to `degraded`. */
  attach(channel: Channel): Promise<void>;
  /** Leaves a channel that no room attaches any more. */
  detach(channel: Channel): Promise<void>;
  /** Bytes of text that one message of this type to this channel can hold now. Default: `capabilities.maxBytes`. */
  roomFor?(channel: string, type: string): number;
  /**
   * Resolves once the network has proven, as far as it can without a word in the channel, that it would take a
   * message there; throws DeliveryError. Asked by the canary; absent: being connected is all that is known.
   */
  check?(channel: string): Promise<void>;
  /** What this server can do more, or less, than `capabilities` says of its kind. Read before each message. */
  readonly abilities?: Partial<Abilities>;
  /** The name that we have there now: people begin a line with it to address us. */
  readonly self?: string;
  /**
   * Asks the network who this is, for something that an unverified author may not do. Resolves with an author that the
   * network vouches for, or null: it vouches for nobody there, or they are gone. `mask`: as it was when they spoke; null,
   * too, when whoever has the address now has another. Throws DeliveryError `unavailable`: no answer, or asked too often.
   * Absent: all that the network can say is in the events.
   */
  identify?(person: string, mask?: string): Promise<Author | null>;
  /**
   * Keeps whoever matches out of the channel. `mask`: in the network's own form, on IRC `nick!user@host` with `*` and `?`.
   * `untilMs`: Unix time, null for ever; where the network cannot end it by itself it stays until `unban`. Resolves once
   * it is in force there. Throws DeliveryError: `rejected` when we have not the right to, or the mask is none;
   * `unavailable` when we are not in the channel; `unknown` when the connection was lost meanwhile.
   */
  ban?(channel: string, mask: string, untilMs: number | null): Promise<void>;
  /** Takes such a ban away; resolves also when there was none. Throws as `ban`. */
  unban?(channel: string, mask: string): Promise<void>;
  /** Puts one person out of the channel; they may come back. `rejected` also when they are not in it. Throws as `ban`. */
  kick?(channel: string, person: string, reason: string): Promise<void>;
}

/** What came in. */
export interface NetworkEvent {
  readonly type: EventType;
  readonly channel: string;
  readonly author: Author;
  readonly text: string;
  /** Markup of `text` as the network has it; the core converts. Default `plain`. */
  readonly markup?: NetworkMarkup;
  /** The network's own message id: makes the event id the same when the line is replayed. */
  readonly nativeId?: string;
  /** The network's own clock for this event, if it gives one. */
  readonly time?: Date;
  /**
   * Native id of the message that this one answers, or that a `chat.edit`, `chat.delete` or `chat.reaction` is
   * about. An edit comes with the whole new text; its own `nativeId`, if it has one, must differ from the edited
   * message's.
   */
  readonly replyTo?: string;
  readonly attachments?: readonly Attachment[];
  /** The kicked nick, or the new nick. */
  readonly target?: string;
  /** A `member.leave` that left the whole network. */
  readonly quit?: boolean;
  /** Address of who said it, as in `PrivateMessage.person`. Absent: nothing can be said to them alone. */
  readonly person?: string;
  /** What the network lets them do in this channel, as far as it says so. On IRC: +h and above, +v. */
  readonly rank?: Rank;
  /** Where they come from as the network shows it, what its own bans match. On IRC `nick!user@host`. */
  readonly mask?: string;
}

export type Rank = 'operator' | 'voice';

/** One part that fits: the core has split, quoted and rendered it. */
export interface OutboundMessage {
  readonly channel: string;
  /** To one person alone: `channel` is their address, see `PrivateMessage.person`. Only with `capabilities.privately`. */
  readonly private?: true;
  /** `chat.action` is sent as an action where the network has them; anything else as a message. */
  readonly type: 'chat.message' | 'chat.action' | 'chat.notice';
  /** In the markup of `capabilities`. Without line breaks unless `capabilities.multiline`. */
  readonly text: string;
  /** 0-based; `text` is part `index` of `count`. */
  readonly part: { readonly index: number; readonly count: number };
  /** What is being said, for webhooks and queues that want the event itself. */
  readonly event: ParleyEvent;
  /**
   * Native id of the message that is to have this text from now on; the receipt names the same one. Throw
   * `rejected` when the network does not allow it (any more): the core then says the text as a new message. Only
   * with `edits`.
   */
  readonly edits?: string;
  /** Native id of the message that is to go; `text` is empty. Otherwise as `edits`. Only with `deletes`. */
  readonly deletes?: string;
  /** Native id of the message that this one answers. Only with `replies`. */
  readonly replyTo?: string;
}

export interface Receipt {
  /** The network's id of what was just said, where it gives one. */
  readonly nativeId: string | null;
}

export type Abilities = Required<Pick<Capabilities, 'edits' | 'deletes' | 'replies'>>;

export type NetworkMarkup = 'plain' | 'irc' | 'markdown';

export interface Capabilities {
  /** Longest body, UTF-8 bytes; the core splits above it. */
  readonly maxBytes: number;
  readonly markup: NetworkMarkup;
  readonly multiline: boolean;
  /** Messages that we said can be changed. */
  readonly edits: boolean;
  /** Messages that we said can be removed. Default: as `edits`. */
  readonly deletes?: boolean;
  /** A message can point at the one that it answers. Where it cannot, the core quotes. */
  readonly replies: boolean;
  /** Our own messages come back; the bridge must not pass them to `receive`. */
  readonly echoes: boolean;
  /** Something can be said to one person alone. Default: it cannot. */
  readonly privately?: boolean;
  /** How many `deliver` calls may be open at once. */
  readonly inFlight: number;
  /** Default flood limits, in parts: how many at once, and how many per second after that. */
  readonly flood: { readonly burst: number; readonly perSecond: number };
}
