import type { Ban, Speaker } from '../../../control-server/bans/types.js';

export function speaker(changes: Partial<Speaker> = {}): Speaker {
  return {
    author: 'irc:quakenet:account:bob',
    name: 'bob',
    verified: true,
    network: 'quakenet',
    room: 'quakeworld',
    mask: null,
    address: null,
    rank: null,
    ...changes,
  };
}

export function makeBan(changes: Partial<Ban> = {}): Ban {
  return {
    id: 'b00000',
    kind: 'ban',
    match: { by: 'author', author: 'irc:quakenet:account:bob' },
    scope: { network: null, room: null },
    reason: 'spam',
    by: { author: 'irc:quakenet:account:mod', name: 'mod', role: 'moderator' },
    at: '2026-11-24T00:00:00.000Z',
    until: null,
    dryRun: false,
    seen: null,
    lifted: null,
    ...changes,
  };
}
