import type { Member } from '../../src/bridge.js';
import type { Channels } from './channels.js';
import { rankOf } from './modes.js';
import type { Roster } from './roster.js';
import type { Session } from './session.js';

/** Who is in a channel, we too; null while we are not there ourselves. */
export type Members = (channel: string) => readonly Member[] | null;

export function membersOf(session: Session, channels: Channels, roster: Roster): Members {
  return (channel) => {
    if (channels.find(channel)?.standing !== 'in') return null;
    return roster.members(channel).map((key) => {
      const user = roster.user(key);
      const rank = rankOf(session.server, roster.modesOf(channel, key));
      const bot = user?.bot === true || session.self.is(key);
      return {
        name: user?.nick ?? key,
        ...(rank === undefined ? {} : { rank }),
        ...(bot ? { bot } : {}),
      };
    });
  };
}
