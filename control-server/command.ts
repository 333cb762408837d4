/** What a command is in this process: a row of a table. Those of other processes are services with the same information. */
import type { Answer, Call, Caller, CommandInfo } from './call.js';

export interface Command {
  readonly info: CommandInfo;
  /** Whole words that call it whatever the prefix is, their own with them: `.qw`. */
  readonly words?: readonly string[];
  /** Throws CommandError to tell the caller what was wrong; anything else is a fault of ours and is logged. */
  readonly run: (call: Call) => Answer | Promise<Answer>;
}

/** What the caller is told instead of an answer: one sentence, and what to do next. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Where something is to be done; null: everywhere. */
export interface Scope {
  readonly network: string | null;
  readonly room: string | null;
  /** The command that does it, where several share a permission. Absent: it is named as the permission. */
  readonly command?: string;
}

/** From the highest down. */
export const ROLES = ['owner', 'operator', 'moderator', 'user', 'muted'] as const;
export type Role = (typeof ROLES)[number];

/** Says who may do what. Answers at once. */
export interface Access {
  /** Null: they may; else why not, as a sentence for the caller. */
  refusal(caller: Caller, permission: string, scope: Scope): string | null;
  /**
   * Whether there is any network, room or command for which the caller has the permission: enough to let a command begin
   * that asks `refusal` about the very place itself.
   */
  mayAnywhere(caller: Caller, permission: string): boolean;
  /** The id of the person behind an author, when linked to others. */
  identityOf(author: string): string | null;
  /** The highest role that an author, or the person behind, was granted anywhere; `user` for everybody else. */
  roleOf(author: string): Role;
}

/** One privileged act, for the audit stream. */
export interface Act {
  /** The author id of who did it. */
  readonly actor: string;
  readonly name: string;
  /** `irc:quakenet`, `http`, `cli`. */
  readonly from: string;
  /** `ban`, `grant`, `reload`. */
  readonly action: string;
  /** What it was done to. */
  readonly target: string;
  readonly scope: Scope;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly outcome: 'done' | 'refused' | 'failed';
}

/** Resolves once the act is on record. Nothing privileged is answered with success before. */
export type Audit = (act: Act) => Promise<void>;
