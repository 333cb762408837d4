/** Whether somebody may say something: asked for every line of every room, answered from memory. */
import type { Origin } from '../../src/gate.js';
import { type ParleyEvent, plainText } from '../../src/message/index.js';
import type { Access } from '../command.js';
import type { BanTable } from './ban-table.js';
import type { HitCounters } from './hits.js';
import { isInScope } from './matcher.js';
import type { RecentLines } from './recent-lines.js';
import { isHigher } from './roles.js';
import type { Ban, Kind, Speaker } from './types.js';

export type Refusal = 'banned' | 'muted';

export interface IngressOptions {
  readonly table: BanTable;
  readonly recent: RecentLines;
  readonly hits: HitCounters;
  readonly access: Pick<Access, 'roleOf'>;
  readonly clock: () => number;
}

export class Ingress {
  readonly #options: IngressOptions;

  constructor(options: IngressOptions) {
    this.#options = options;
  }

  /** What is let in is remembered for a while, so that a new ban can be judged by it. */
  refuses(event: ParleyEvent, origin: Origin): Refusal | null {
    const { data } = event;
    // To remove one's own words adds nothing, and what they said before the ban had better go.
    if (event.type === 'chat.delete') return null;
    const speaker = speakerOf(event, origin);
    let plain: string | null = null;
    const text = (): string => {
      plain ??= data.markup === 'plain' ? data.text : plainText(data.text, data.markup);
      return plain;
    };
    const refused = this.#refusal(speaker, text, event.type.startsWith('member.') ? BANS_ONLY : BOTH);
    if (refused === null && event.type.startsWith('chat.') && data.text !== '') {
      this.#options.recent.add(speaker, text());
    }
    return refused;
  }

  /** The same for who is not heard in a room: a command said to us alone, or one that speaks into `speaker.room`. */
  silences(speaker: Speaker): Refusal | null {
    return this.#refusal(speaker, () => '', BOTH);
  }

  #refusal(speaker: Speaker, text: () => string, kinds: readonly Kind[]): Refusal | null {
    let refused: Refusal | null = null;
    for (const ban of this.#options.table.matching(speaker, text)) {
      if (!kinds.includes(ban.kind) || !isInScope(ban.scope, speaker) || this.#isAbove(speaker, ban))
        continue;
      this.#options.hits.count(ban, speaker, this.#options.clock());
      if (ban.dryRun || refused === 'banned') continue;
      refused = ban.kind === 'ban' ? 'banned' : 'muted';
    }
    return refused;
  }

  /** A pattern, however it was forced, has no power over those whom its maker could not have banned by name. */
  #isAbove({ author, verified }: Speaker, { by }: Ban): boolean {
    return verified && isHigher(this.#options.access.roleOf(author), by.role);
  }
}

const BOTH: readonly Kind[] = ['ban', 'mute'];
const BANS_ONLY: readonly Kind[] = ['ban'];

function speakerOf({ data, subject }: ParleyEvent, { network, mask, rank }: Origin): Speaker {
  const { id, name, verified } = data.author;
  return makeSpeaker({ author: id, name, verified, network, room: subject, mask, address: null, rank });
}

/**
 * Adds what the rest tells: the mask in the id of who has no account, and the address where a mask ends in one, as on game
 * servers and on networks that do not hide it.
 */
export function makeSpeaker(known: Speaker): Speaker {
  const mask = known.mask ?? maskOf(known.author);
  const address = known.address ?? (mask === null ? null : hostAddress(mask));
  return { ...known, mask, address };
}

/** `irc:quakenet:host:zap!~zap@example.org` → the mask. */
function maskOf(author: string): string | null {
  const at = author.indexOf(':host:');
  return at > 0 && author.startsWith('irc:') ? author.slice(at + ':host:'.length) : null;
}

function hostAddress(mask: string): string | null {
  const host = mask.slice(mask.lastIndexOf('@') + 1);
  return /^(?:[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*)$/.test(host) ? host : null;
}
