import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Marked, plainOf } from '../parts/marked.js';
import { Empty, Loading } from '../parts/notice.js';
import { placeOf } from '../source.js';
import { clockTime, count, dayOf, fullTime } from '../words.js';
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
              before={room.lines[index - 1]}
              lines={room.lines}
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

interface EntryProps extends Pick<LogProps, 'trace'> {
  readonly line: Line;
  readonly before: Line | undefined;
  readonly lines: readonly Line[];
}

function Entry({ line, before, lines, trace }: EntryProps) {
  const { event } = line;
  const { author } = event.data;
  const day = dayOf(event.time);
  const isNewDay = before === undefined || dayOf(before.event.time) !== day;
  const answered =
    event.data.replyTo === null ? undefined : lines.find((one) => one.event.id === event.data.replyTo);
  return (
    <>
      {isNewDay && <li class="day">{day}</li>}
      <li class={`line ${event.type.startsWith('chat.') || event.type === 'portal.post' ? '' : 'event'}`}>
        <time dateTime={event.time} title={fullTime(event.time)}>
          {clockTime(event.time)}
        </time>
        <span class="from">{placeOf(event.source)}</span>
        <span class="said">
          {answered !== undefined && (
            <span class="reply">
              ↪ {answered.event.data.author.name}: {shortOf(answered.event.data)}
            </span>
          )}
          <strong title={author.id}>{author.name}</strong>
          {author.verified && (
            <span class="verified" title="The network vouches for this account">
              ✓<span class="unseen"> verified</span>
            </span>
          )}{' '}
          {author.bot === true && <span class="badge">bot</span>}
          <Said line={line} />
        </span>
        {trace !== null && (
          <button
            type="button"
            class="quiet trace"
            aria-label={`What became of the line of ${author.name} at ${clockTime(event.time)}`}
            onClick={() => trace(event.id)}
          >
            i
          </button>
        )}
      </li>
    </>
  );
}

/** Of the line that is answered, enough to know it. */
function shortOf({ text, markup }: Line['event']['data']): string {
  return plainOf(text, markup).slice(0, 100);
}

function Said({ line: { event, edited, deleted } }: { readonly line: Line }) {
  const { text, markup, target } = event.data;
  if (deleted) return <em class="gone">removed</em>;
  const words = WORDS[event.type];
  if (words !== undefined) return <em>{words(text, target ?? '')}</em>;
  return (
    <span class={event.type === 'chat.action' ? 'action' : ''}>
      <Marked text={text} markup={markup} />
      {edited && <em class="gone"> (edited)</em>}
    </span>
  );
}

const WORDS: Readonly<Record<string, (text: string, target: string) => string>> = {
  'chat.reaction': (text) => `reacted: ${text}`,
  'member.join': () => 'joined',
  'member.leave': (text) => `left${text === '' ? '' : `: ${text}`}`,
  'member.nick': (_text, target) => `is now ${target}`,
  'member.kick': (text, target) => `removed ${target}${text === '' ? '' : `: ${text}`}`,
  'member.ban': (text, target) => `banned ${target}${text === '' ? '' : `: ${text}`}`,
  'room.topic': (text) => `set the topic: ${text}`,
  'sys.netsplit': (text) => text,
};
