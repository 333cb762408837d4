/**
 * The one event of Parley: a CloudEvents 1.0 JSON envelope (https://github.com/cloudevents/spec, v1.0.2 §3).
 * Everything that crosses a process boundary has this shape.
 */

/** Markup inside the core. `markdown` is the subset that markup/ understands; `plain` has no markup at all. */
export type Markup = 'plain' | 'markdown';

/** The types that Parley knows; any other is carried untouched. */
export const EVENT_TYPES = [
  'chat.message',
  'chat.action',
  'chat.notice',
  'chat.edit',
  'chat.delete',
  'chat.reaction',
  'chat.typing',
  'member.join',
  'member.leave',
  'member.nick',
  'member.kick',
  'member.ban',
  'room.topic',
  'game.match.start',
  'game.match.end',
  'game.player.join',
  'game.player.leave',
  'game.frag',
  'game.map',
  'game.server.up',
  'game.server.down',
  'game.score',
  'command.call',
  'command.reply',
  'portal.post',
  'sys.netsplit',
  'sys.digest',
  'sys.canary',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface Author {
  /** `irc:quakenet:account:zappater`: bridge, network, what vouches for the name, name. */
  readonly id: string;
  readonly name: string;
  /** True when the network itself vouches for the identity (a services account, a token). */
  readonly verified: boolean;
  /** The network says that this is a program. */
  readonly bot?: boolean;
}

export interface Attachment {
  readonly url: string;
  readonly name?: string;
  /** Media type, RFC 6838. */
  readonly type?: string;
  /** Bytes. */
  readonly size?: number;
}

/** Where the event came from, in the words of its own network. */
export interface Native {
  /** The network's own message id, or null when it has none. */
  readonly id: string | null;
  readonly channel: string;
}

export interface EventData {
  readonly author: Author;
  /** Body, topic or reason. UTF-8, at most 32 KB. May hold `\n`. */
  readonly text: string;
  readonly markup: Markup;
  readonly native: Native;
  /** Event id of the message that this one answers, edits, deletes or reacts to. */
  readonly replyTo: string | null;
  readonly attachments: readonly Attachment[];
  /** Networks and gateways passed through, oldest first. */
  readonly hops: readonly string[];
  /** Whom it happened to: the kicked or banned nick, or the new nick of `member.nick`. */
  readonly target?: string;
  /** On `member.leave`: the author left the whole network, not only this channel. */
  readonly quit?: boolean;
  /** Sources of channels of the room that it is not said in. */
  readonly notIn?: readonly string[];
}

export interface ParleyEvent<Data = EventData> {
  readonly specversion: '1.0';
  /** 26 characters, Crockford base 32, sortable by time. */
  readonly id: string;
  /** `/networks/{network}/channels/{channel}` or `/http/{token name}`, tokens encoded. */
  readonly source: string;
  readonly type: string;
  /** The room. */
  readonly subject: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Extension attribute: shared by the copies of one line said in a channel that several rooms hold. */
  readonly origin?: string;
  /**
   * RFC 3339: not said any more after this. CloudEvents' extension, cloudevents/extensions/expirytime.md of v1.0.2.
   */
  readonly expirytime?: string;
  readonly data: Data;
}

export const MAX_TEXT_BYTES = 32 * 1024;
