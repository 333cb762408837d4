import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Empty, Loading } from '../parts/notice.js';
import { count } from '../words.js';
import { Entry, WORDS } from './entry.js';
import type { Line } from './lines.js';
import type { RoomLines } from './use-room.js';

/** So near to the end, the page goes on with what comes. */
const NEAR_PX = 40;
/** What is said is told to screen readers no more often than this. */
const TELL_MS = 3000;

interface LogProps {
  readonly lines: RoomLines;
  /** Shows what became of an event; null: not for this token. */
  readonly trace: ((event: string) => void) | null;
}

export function Log({ lines: room, trace }: LogProps) {
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(0);
  const follows = atEnd && room.isLive;
  const held = useRef<Held | null>(null);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (follows) element.scrollTop = element.scrollHeight;
    else hold(element, held.current);
    held.current = topLine(element);
  }, [room.lines, follows]);
  useEffect(() => room.read(!atEnd), [room.read, atEnd]);
  useEffect(() => {
    if (follows) setSeen(room.heard);
  }, [follows, room.heard]);

  const scrolled = () => {
    const element = box.current;
    if (element === null) return;
    held.current = topLine(element);
    setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
  };
  const toEnd = async () => {
    if (!room.isLive) await room.latest();
    setAtEnd(true);
  };
  const unseen = room.heard - seen;
  return (
    <div class="log-frame">
      <div
        class="log"
        ref={box}
        onScroll={scrolled}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
        tabIndex={0}
        role="log"
        aria-label="What was said"
        aria-live="off"
      >
        {room.lines.length > 0 && !room.isWhole && (
          <button type="button" class="quiet older" disabled={room.loading} onClick={room.older}>
            {room.loading ? 'Loading …' : 'Older lines'}
          </button>
        )}
        {room.lines.length === 0 && (room.loading ? <Loading /> : <Empty>Nothing was said here yet.</Empty>)}
        <ol>
          {room.lines.map((line, index) => (
            <Entry
              key={line.event.id}
              line={line}
              isNewDay={isNewDay(line, room.lines[index - 1])}
              answered={answeredBy(line, room.lines)}
              trace={trace}
            />
          ))}
        </ol>
      </div>
      {!follows && (
        <button type="button" class="to-end" onClick={toEnd}>
          {unseen > 0 ? `${count(unseen, 'new line')} ↓` : 'To the latest ↓'}
        </button>
      )}
      <Told lines={room.lines} />
    </div>
  );
}

function isNewDay({ event }: Line, before: Line | undefined): boolean {
  const day = (time: string) => new Date(time).toDateString();
  return before === undefined || day(event.time) !== day(before.event.time);
}

function answeredBy({ event }: Line, lines: readonly Line[]): Line | undefined {
  const { replyTo } = event.data;
  return replyTo === null ? undefined : lines.find((one) => one.event.id === replyTo);
}

/** A line, and where it was. */
interface Held {
  readonly line: HTMLElement;
  readonly top: number;
}

/** The first line that can be seen. */
function topLine(box: HTMLElement): Held | null {
  const lines = [...box.querySelectorAll<HTMLElement>('.line')];
  const line = lines.find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > box.scrollTop);
  return line === undefined ? null : { line, top: line.offsetTop };
}

/** What was put above, or taken away there, must not move what somebody reads. */
function hold(box: HTMLElement, held: Held | null): void {
  if (held?.line.isConnected) box.scrollTop += held.line.offsetTop - held.top;
}

/** Tells the last line to screen readers, now and then. */
function Told({ lines }: { readonly lines: readonly Line[] }) {
  const [told, setTold] = useState('');
  const last = useRef('');
  const newest = lines.findLast(({ event: { type } }) => WORDS[type] === undefined)?.event;
  last.current = newest === undefined ? '' : `${newest.data.author.name}: ${newest.data.text}`;
  useEffect(() => {
    const timer = setInterval(() => setTold(last.current), TELL_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="unseen" aria-live="polite">
      {told}
    </p>
  );
}
