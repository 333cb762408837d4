import type { CommandInfo } from '../call.js';

/** Information about a command with what most have in common filled in. */
export function info(given: Pick<CommandInfo, 'name' | 'help'> & Partial<CommandInfo>): CommandInfo {
  return {
    usage: '',
    examples: [],
    permission: null,
    cooldownMs: 0,
    hidden: false,
    privateOnly: false,
    ...given,
  };
}
