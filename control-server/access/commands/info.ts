import type { CommandInfo } from '../../call.js';

/** What most of these commands have in common. */
export function infoOf(
  own: Pick<CommandInfo, 'name' | 'usage' | 'help' | 'examples'> & Partial<CommandInfo>,
): CommandInfo {
  return { permission: null, cooldownMs: 2000, hidden: false, privateOnly: false, ...own };
}
