import type { LoggedEvent } from '../../bus/index.js';
import { ParleyError } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { roomOf } from '../rooms.js';
import { type Session, withSession } from '../session.js';

interface TailOptions {
  readonly lines: string;
  readonly follow: boolean;
}

type Show = (logged: LoggedEvent) => void;

const MOST_LINES = 10_000;
const PAGE = 500;

export const tailCommand: CommandSpec<TailOptions> = {
  name: 'tail <room>',
  summary: 'show what was said in a room, and what is said now',
  details: 'Ends with Ctrl-C. With --json each line is one event: {"sequence", "event"}.',
  examples: [
    ['tail lobby', 'the last ten lines, then live'],
    ['tail lobby -n 100 --no-follow', 'the last hundred lines'],
    ['tail lobby --json | jq .event.data.text', 'as NDJSON'],
  ],
  options: [
    ['-n, --lines <count>', 'lines of history to begin with', '10'],
    ['--no-follow', 'end after the history'],
  ],
  async run(io, [room = ''], options) {
    const lines = countOf(options.lines);
    const { eventLine } = await import('../event-line.js');
    const show = (logged: LoggedEvent) =>
      io.out.json ? io.out.document(logged) : io.out.line(eventLine(logged.event, io.out));
    return withSession(io, options, async (session) => {
      roomOf(session.config, room);
      const history = await newest(session, room, lines);
      for (const logged of history) show(logged);
      if (options.follow) await follow(io, session, room, await lastSeen(session, room, history), show);
      return 0;
    });
  },
};

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= MOST_LINES) return count;
  throw new ParleyError('USAGE', `--lines: expected a whole number from 0 to ${MOST_LINES}, got "${text}".`, {
    fix: 'For example `--lines 50`.',
  });
}

/** The newest `lines` events, oldest first. */
async function newest({ bus }: Session, room: string, lines: number): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  while (found.length < lines) {
    const limit = Math.min(PAGE, lines - found.length);
    const before = found[0]?.sequence;
    const page = await bus.read(room, before === undefined ? { limit } : { limit, before });
    found.unshift(...page);
    if (page.length < limit) break;
  }
  return found;
}

/** Where to follow from: an event stored between the reading and the following must not be missed. */
async function lastSeen({ bus }: Session, room: string, history: readonly LoggedEvent[]): Promise<number> {
  const last = history.at(-1) ?? (await bus.read(room, { limit: 1 })).at(-1);
  return last?.sequence ?? 0;
}

async function follow(io: Io, { bus }: Session, room: string, after: number, show: Show): Promise<void> {
  const live = await bus.follow(room, after, show);
  io.context.signals.onStop(() => void live.stop());
  await live.closed;
}
