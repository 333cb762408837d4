import type { Command } from 'commander';
import { ParleyError } from '../../errors.js';
import type { CommandSpec } from '../command.js';
import { type CompletionTree, SHELLS, scriptFor } from '../completion/index.js';

/** Needs the program itself, to know what can be completed. */
export function completionCommand(program: Command): CommandSpec {
  return {
    name: 'completion <shell>',
    summary: `print a completion script (${SHELLS.join(', ')})`,
    examples: [
      ['completion bash > ~/.local/share/bash-completion/completions/parley', 'bash, for good'],
      ['completion zsh > ~/.zfunc/_parley', 'zsh, with ~/.zfunc in $fpath'],
      ['completion fish > ~/.config/fish/completions/parley.fish', 'fish, for good'],
    ],
    async run({ out }, [shell = '']) {
      const script = scriptFor(shell, treeOf(program));
      if (script === null) {
        throw new ParleyError('USAGE', `No completion for the shell "${shell}".`, {
          fix: `Take one of ${SHELLS.join(', ')}.`,
        });
      }
      if (out.json) out.document({ shell, script });
      else out.line(script);
      return 0;
    },
  };
}

function treeOf(command: Command): CompletionTree {
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    argument: command.registeredArguments[0]?.name() ?? null,
    options: command.options.map(({ long, short, description, required, optional }) => ({
      long: long ?? null,
      short: short ?? null,
      description,
      takesValue: required || optional,
    })),
    commands: command.commands.map(treeOf),
  };
}
