/** What the HTTP API answers (docs/http.md), as far as the console reads it. */
export type { BanView, BroadcastsView, CommandView } from '../../src/desk.js';

export interface Me {
  readonly name: string;
  readonly author: string;
  readonly scopes: readonly string[];
}

export interface Network {
  readonly network: string;
  readonly bridge: string;
  readonly owner: string | null;
  readonly state: string;
  readonly since: string;
  readonly reason: string | null;
  readonly degraded: Readonly<Record<string, string>>;
  readonly lag: number;
  readonly queued: number;
  readonly counters: Readonly<Record<string, unknown>>;
}

export interface Gateway {
  readonly gateway: string;
  readonly version: string;
  readonly server: string | null;
  readonly backbone: string;
  readonly reason: string | null;
  readonly waiting: number;
  readonly uptime: number;
  readonly memory: number;
  readonly networks: readonly string[];
}

export interface Room {
  readonly name: string;
  readonly channels: readonly {
    readonly network: string;
    readonly channel: string;
    readonly direction: string;
  }[];
}

export interface Member {
  readonly name: string;
  readonly network: string;
  readonly channel: string;
  readonly rank: 'operator' | 'voice' | null;
  readonly bot: boolean;
  readonly at: string;
}

/** An event of a room, with its place in the log. */
export interface Logged {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly sequence: string;
  readonly data: {
    readonly author: {
      readonly id: string;
      readonly name: string;
      readonly verified: boolean;
      readonly bot?: boolean;
    };
    readonly text: string;
    readonly markup: 'plain' | 'markdown';
    readonly native: { readonly channel: string };
    readonly replyTo: string | null;
    readonly target?: string;
  };
}

export interface Act {
  readonly sequence: number;
  readonly time: string;
  readonly actor: string;
  readonly name: string;
  readonly from: string;
  readonly action: string;
  readonly target: string;
  readonly scope: { readonly network: string | null; readonly room: string | null };
  readonly detail: Readonly<Record<string, unknown>>;
  readonly outcome: string;
}

export interface Letter {
  readonly sequence: number;
  readonly network: string;
  readonly channel: string;
  readonly reason: string;
  readonly attempts: number;
  readonly time: string;
  readonly event: Logged;
}

export interface Answered {
  readonly refused: boolean;
  readonly lines: readonly string[];
}

export interface Trace {
  readonly gateways: readonly string[];
  readonly channels: readonly {
    readonly network: string;
    readonly channel: string;
    readonly outcome: string;
    readonly reason: string | null;
  }[];
}

export interface ConfigHead {
  readonly name: string;
  readonly version: number;
  readonly time: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly comment: string;
}

export interface ConfigVersion extends ConfigHead {
  readonly text: string;
}

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

export interface Validated {
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly diff: string;
}
