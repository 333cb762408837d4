import { Component } from 'preact';
import { Marked, plainOf } from '../parts/marked.js';
import { placeOf } from '../source.js';
import { clockTime, dayOf, fullTime } from '../words.js';
import type { Line } from './lines.js';

interface EntryProps {
  readonly line: Line;
  /** It is the first of its day. */
  readonly isNewDay: boolean;
  /** The line that it answers, where that is on the page. */
  readonly answered: Line | undefined;
  /** Shows what became of an event; null: not for this token. */
  readonly trace: ((event: string) => void) | null;
}

/** A line of a room. It is drawn again only when it changed: where fifty are said in a second, hundreds did not. */
export class Entry extends Component<EntryProps> {
  override shouldComponentUpdate(next: EntryProps): boolean {
    const { line, isNewDay, answered, trace } = this.props;
    return (
      next.line !== line || next.isNewDay !== isNewDay || next.answered !== answered || next.trace !== trace
    );
  }

  override render() {
    const { line, isNewDay, answered, trace } = this.props;
    const { event } = line;
    const { author } = event.data;
    return (
      <>
        {isNewDay && <li class="day">{dayOf(event.time)}</li>}
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

/** How events are told that are no lines. */
export const WORDS: Readonly<Record<string, (text: string, target: string) => string>> = {
  'chat.reaction': (text) => `reacted: ${text}`,
  'member.join': () => 'joined',
  'member.leave': (text) => `left${text === '' ? '' : `: ${text}`}`,
  'member.nick': (_text, target) => `is now ${target}`,
  'member.kick': (text, target) => `removed ${target}${text === '' ? '' : `: ${text}`}`,
  'member.ban': (text, target) => `banned ${target}${text === '' ? '' : `: ${text}`}`,
  'room.topic': (text) => `set the topic: ${text}`,
  'sys.netsplit': (text) => text,
};
