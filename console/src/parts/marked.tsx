import {
  BOLD,
  CODE,
  ITALIC,
  parseSpans,
  SPOILER,
  STRIKE,
  UNDERLINE,
} from '../../../src/message/markup/index.js';

const CLASSES = [
  [BOLD, 'bold'],
  [ITALIC, 'italic'],
  [UNDERLINE, 'underline'],
  [STRIKE, 'strike'],
  [SPOILER, 'spoiler'],
] as const;

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** What somebody wrote, with its formatting. It is only ever text: nothing in it becomes markup of the page. */
export function Marked({ text, markup }: { readonly text: string; readonly markup: 'plain' | 'markdown' }) {
  return (
    <>
      {parseSpans(text, markup).map((span, index) => {
        const classes = CLASSES.filter(([flag]) => span.flags & flag).map(([, name]) => name);
        const Tag = span.flags & CODE ? 'code' : 'span';
        return (
          <Tag key={index} class={classes.join(' ')}>
            <Linked text={span.text} />
          </Tag>
        );
      })}
    </>
  );
}

/** The same without its formatting. */
export function plainOf(text: string, markup: 'plain' | 'markdown'): string {
  return parseSpans(text, markup)
    .map((span) => span.text)
    .join('');
}

function Linked({ text }: { readonly text: string }) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(at, match.index));
    parts.push(
      <a key={match.index} href={match[0]} rel="noreferrer noopener nofollow" target="_blank">
        {match[0]}
      </a>,
    );
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}
