/**
 * What the control server shows to who looks rather than asks: the console, and programs. All of it is known at the gateway
 * that is asked, and answered at once.
 */
export interface Desk {
  /** By name; hidden ones too. */
  commands(): readonly CommandView[];
  /** The newest first. `all`: those that have ended, too, of the last 90 days. */
  bans(all: boolean): readonly BanView[];
  broadcasts(): BroadcastsView;
}

export interface CommandView {
  readonly name: string;
  /** Behind the name: `<nick> [reason]`. */
  readonly usage: string;
  readonly help: string;
  readonly examples: readonly string[];
  /** Null: everybody may. */
  readonly permission: string | null;
  readonly hidden: boolean;
}

export interface BanView {
  readonly id: string;
  readonly kind: 'ban' | 'mute';
  /** What it is matched by: `author`, `identity`, `mask`, `ip`, `nick`, `text`. */
  readonly by: string;
  /** As one may write it behind `unban`. */
  readonly target: string;
  /** Null: everywhere. */
  readonly network: string | null;
  readonly room: string | null;
  readonly reason: string;
  readonly setBy: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC; null: until it is lifted. */
  readonly until: string | null;
  readonly dryRun: boolean;
  readonly inForce: boolean;
  readonly lifted: { readonly by: string; readonly at: string; readonly reason: string } | null;
  /** At this gateway, since it started. */
  readonly hits: number;
  /** What became of it on networks that were asked to ban, too. */
  readonly effects: readonly {
    readonly network: string;
    readonly channel: string;
    readonly state: 'applied' | 'failed' | 'lifted';
    /** Why it failed; empty otherwise. */
    readonly why: string;
  }[];
}

export interface BroadcastsView {
  readonly lists: readonly BroadcastListView[];
  /** By warnings that added up. */
  readonly muted: readonly { readonly name: string; readonly until: string }[];
}

export interface BroadcastListView {
  readonly name: string;
  /** The words that call it: `.qw`. */
  readonly words: readonly string[];
  readonly about: string | null;
  readonly rooms: readonly string[];
  readonly dryRun: boolean;
  /** RFC 3339, UTC, or `forever`; null: it is not. */
  readonly pausedUntil: string | null;
  /** As above: hours in which nothing is called. */
  readonly quietUntil: string | null;
  /** Of all gateways. */
  readonly called: number;
  readonly said: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
}
