import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import type { CompletionTree } from './tree.js';
import { zshScript } from './zsh.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (tree: CompletionTree) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script for a shell, or null when it is none of `SHELLS`. */
export function scriptFor(shell: string, tree: CompletionTree): string | null {
  const known = SHELLS.find((name) => name === shell);
  return known === undefined ? null : SCRIPTS[known](tree);
}
