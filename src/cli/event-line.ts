import { type ParleyEvent, parseSource } from '../message/index.js';
import { type Output, printable } from './output.js';

/** `20:42:01 quakenet <zappater> text` on a terminal; time, network, type, author, text between tabs in a pipe. */
export function eventLine(event: ParleyEvent, out: Output): string {
  const { author, text } = event.data;
  const from = printable(sourceName(event));
  const name = printable(author.name);
  const said = printable(text);
  if (!out.terminal) return [event.time, from, event.type, name, said].join('\t');
  const time = out.style('dim', new Date(event.time).toTimeString().slice(0, 8));
  return `${time} ${out.style('cyan', from)} ${spoken(event, out.style('bold', name), said)}`;
}

/** The network; for what came through none, the way it came: `http`, `cli`. */
function sourceName({ source }: ParleyEvent): string {
  const parsed = parseSource(source);
  return parsed?.kind === 'network' ? parsed.network : (source.split('/')[1] ?? source);
}

function spoken({ type, data }: ParleyEvent, name: string, text: string): string {
  const target = printable(data.target ?? '');
  switch (type) {
    case 'chat.message':
      return `<${name}> ${text}`;
    case 'chat.action':
      return `* ${name} ${text}`;
    case 'chat.notice':
      return `-${name}- ${text}`;
    default:
      return [`· ${type}`, name, target, text].filter(Boolean).join(' ');
  }
}
