export { type CoreText, fromCore, parseSpans, plainText, renderSpans, toCore } from './convert.js';
export { escapeMarkdown } from './markdown-render.js';
export { BLOCK, BOLD, CODE, ITALIC, SPOILER, type Span, STRIKE, type TextMarkup, UNDERLINE } from './span.js';
