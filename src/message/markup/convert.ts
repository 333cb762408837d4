/**
 * Between a network's markup and the core's. The core knows `plain` (no markup at all: every character is meant) and
 * `markdown`; bridges name theirs in their capabilities and never convert.
 */
import type { Markup } from '../event.js';
import { stripControls, unifyLineBreaks } from '../strip.js';
import { hasIrcCodes, parseIrc } from './irc-parse.js';
import { renderIrc } from './irc-render.js';
import { parseMarkdown } from './markdown-parse.js';
import { escapeMarkdown, renderMarkdown } from './markdown-render.js';
import { REVERSE, type Span, type TextMarkup, UNSTYLED, visibleText } from './span.js';

/** What markdown text would have to contain to mean anything else than itself. */
const MAYBE_MARKDOWN = /[\\*_~|`<[\]]|^\s*[>#+-]/m;

export interface CoreText {
  readonly text: string;
  readonly markup: Markup;
}

/** Network text into the core. Text that uses no markup becomes `plain`, untouched but for control characters. */
export function toCore(text: string, markup: TextMarkup): CoreText {
  if (markup === 'irc' && hasIrcCodes(text)) return ircToCore(text);
  const clean = stripControls(text);
  return { text: clean, markup: markup === 'markdown' && MAYBE_MARKDOWN.test(clean) ? 'markdown' : 'plain' };
}

/** Core text for a network. Only formatting codes that were rendered here come out, no other control character. */
export function fromCore(text: string, markup: Markup, target: TextMarkup): string {
  const clean = stripControls(text);
  if (target === 'markdown') return markup === 'markdown' ? clean : escapeMarkdown(clean);
  const oneSpaced = clean.includes('\t') ? clean.replaceAll('\t', ' ') : clean;
  if (markup === 'plain' || !MAYBE_MARKDOWN.test(oneSpaced)) return oneSpaced;
  const spans = parseMarkdown(oneSpaced);
  return target === 'irc' ? renderIrc(spans) : visibleText(spans);
}

/** What a reader sees of text in any markup. */
export function plainText(text: string, markup: TextMarkup): string {
  return markup === 'plain' ? text : visibleText(parseSpans(text, markup));
}

export function parseSpans(text: string, markup: TextMarkup): readonly Span[] {
  if (markup === 'irc') return parseIrc(text);
  if (markup === 'markdown') return parseMarkdown(text);
  return text === '' ? [] : [{ text, ...UNSTYLED }];
}

export function renderSpans(spans: readonly Span[], markup: TextMarkup): string {
  if (markup === 'irc') return renderIrc(spans);
  return markup === 'markdown' ? renderMarkdown(spans) : visibleText(spans);
}

/** Codes that have no markdown form (colour, reverse) are dropped; if no other is left, the text stays plain. */
function ircToCore(text: string): CoreText {
  const spans = parseIrc(unifyLineBreaks(text)).map((span) => ({ ...span, text: stripControls(span.text) }));
  const styled = spans.some((span) => (span.flags & ~REVERSE) !== 0);
  if (!styled) return { text: visibleText(spans), markup: 'plain' };
  return { text: renderMarkdown(spans.filter((span) => span.text !== '')), markup: 'markdown' };
}
