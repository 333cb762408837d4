/** One command as somebody called it, and what it answers. This is what crosses to services in other languages, too. */
import type { Rank } from '../src/bridge.js';

/** Body of a request to `parley.command.{name}`: JSON. */
export interface Call {
  /** 26 characters; the same in the audit and the logs. */
  readonly id: string;
  /** Full name of the command, whatever was typed. */
  readonly command: string;
  /** Words behind the name, quotes resolved, flags taken out. */
  readonly args: readonly string[];
  /** `--limit 5`, `--limit=5` → `{"limit": "5"}`; `--dry-run` → `{"dry-run": true}`. */
  readonly flags: Readonly<Record<string, string | true>>;
  /** Everything behind the name as it was typed. */
  readonly text: string;
  readonly caller: Caller;
  /** RFC 3339, UTC. */
  readonly time: string;
}

export interface Caller {
  /** As in events: `irc:quakenet:account:zappater`. */
  readonly author: string;
  readonly name: string;
  /** The network vouches for the identity. Nothing privileged is done for others. */
  readonly verified: boolean;
  /** The person, when several authors were linked to one: the id of that identity. */
  readonly identity: string | null;
  /** Null: over HTTP or the CLI. */
  readonly network: string | null;
  /** Null: said to us alone. */
  readonly channel: string | null;
  /** The rooms that hear that channel; empty: said to us alone. */
  readonly rooms: readonly string[];
  /** Their address on that network, for an answer to them alone. */
  readonly person: string | null;
  readonly rank: Rank | null;
  /** Since when the account is known here, RFC 3339: it is at least that old. Absent: not logged in, or not known. */
  readonly accountSince?: string;
  /** As in `NetworkEvent.mask`. */
  readonly mask: string | null;
  /** An HTTP token of the scope `admin`: may do everything, whatever was granted. */
  readonly admin?: true;
}

/**
 * What a command answers: JSON, or for the simplest services just the text. More than `MAX_PUBLIC_LINES` lines, or
 * `private`, goes to the caller alone.
 */
export interface Answer {
  readonly lines: readonly string[];
  readonly private?: boolean;
}

/** What people are told about a command, and what is checked before it is called; strings in a service's metadata. */
export interface CommandInfo {
  /** 1-32 of `[a-z0-9-]`. */
  readonly name: string;
  /** Behind the name: `<nick> [reason]`. */
  readonly usage: string;
  /** One sentence. */
  readonly help: string;
  readonly examples: readonly string[];
  /** Who may: a permission such as `ban`, or null: everybody. */
  readonly permission: string | null;
  /** Between two calls of one person, ms. */
  readonly cooldownMs: number;
  /** Not in the list that `help` shows. */
  readonly hidden: boolean;
  /** Only where nobody else reads along. */
  readonly privateOnly: boolean;
}
