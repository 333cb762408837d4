export { type CoreText, fromCore, parseSpans, plainText, renderSpans, toCore } from './convert.js';
export { escapeMarkdown } from './markdown-render.js';
export { BLOCK, CODE, type Span, type TextMarkup } from './span.js';
