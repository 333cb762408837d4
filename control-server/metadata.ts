/** What is known of a command, as the texts of a service's metadata and back. */
import type { CommandInfo } from './call.js';
import { durationOf } from './duration.js';

type Texts = Readonly<Record<string, string>>;

export function metadataOf(info: CommandInfo): Texts {
  return {
    usage: info.usage,
    help: info.help,
    examples: info.examples.join('\n'),
    ...(info.permission === null ? {} : { permission: info.permission }),
    ...(info.cooldownMs === 0 ? {} : { cooldown: `${info.cooldownMs}ms` }),
    ...(info.hidden ? { hidden: 'true' } : {}),
    ...(info.privateOnly ? { 'dm-only': 'true' } : {}),
  };
}

/** What a service says of itself is shown to people, and never more than a line or so of it. */
export function infoOf(name: string, metadata: Texts): CommandInfo {
  return {
    name,
    usage: line(metadata.usage, 200),
    help: line(metadata.help, 300) || 'No help.',
    examples: (metadata.examples ?? '')
      .split('\n')
      .slice(0, 5)
      .map((example) => line(example, 200))
      .filter((example) => example !== ''),
    permission: line(metadata.permission, 64) || null,
    cooldownMs: durationOf(metadata.cooldown ?? '') ?? 0,
    hidden: metadata.hidden === 'true',
    privateOnly: metadata['dm-only'] === 'true',
  };
}

function line(text: string | undefined, longest: number): string {
  return (text ?? '')
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, longest);
}
