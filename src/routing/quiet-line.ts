/** Events that are told about rather than said: one line each, in the third person. */
import type { ParleyEvent } from '../message/index.js';

/** The pieces of a line in the target's markup. */
export interface Words {
  nick(name: string): string;
  /** The name of a channel. */
  place(name: string): string;
  /** What somebody wrote: a reason, a topic. */
  text(text: string): string;
}

/** Null for what somebody says in their own words. */
export function quietLine(event: ParleyEvent, words: Words): string | null {
  const { author, native, target = '', text } = event.data;
  switch (event.type) {
    case 'member.join':
      return `→ ${words.nick(author.name)} joined ${words.place(native.channel)}`;
    case 'member.leave':
      return `← ${words.nick(author.name)} ${event.data.quit === true ? 'quit' : 'left'}${reason(text, words)}`;
    case 'member.nick':
      return `${words.nick(author.name)} is now known as ${words.nick(target)}`;
    case 'member.kick':
      return `← ${words.nick(target)} was kicked by ${words.nick(author.name)}${reason(text, words)}`;
    case 'member.ban':
      return `${words.nick(target)} was banned by ${words.nick(author.name)}${reason(text, words)}`;
    case 'room.topic':
      return text === ''
        ? `${words.nick(author.name)} cleared the topic`
        : `${words.nick(author.name)} set the topic: ${words.text(text)}`;
    case 'chat.delete':
      return `${words.nick(author.name)} deleted a message`;
    case 'sys.netsplit':
      return /netsplit/i.test(text)
        ? words.text(text)
        : `← netsplit${text === '' ? '' : `: ${words.text(text)}`}`;
    default:
      return null;
  }
}

function reason(text: string, words: Words): string {
  return text.trim() === '' ? '' : ` (${words.text(text)})`;
}
