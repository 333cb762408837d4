import { type CompletionNode, type CompletionTree, nodesOf } from './tree.js';

/** fish: one `complete` line per command and flag, each under the condition that its command is on the line. */
export function fishScript(tree: CompletionTree): string {
  const lines = nodesOf(tree).flatMap(linesOf);
  return ['# fish completion for parley', 'complete -c parley -f', ...lines].join('\n');
}

function linesOf({ path, tree }: CompletionNode): readonly string[] {
  const when = conditionOf(path, tree);
  const commands = tree.commands.map(
    ({ name, summary }) => `complete -c parley -n '${when}' -a ${name} -d '${quoted(summary)}'`,
  );
  const options = tree.options.map((option) => {
    const long = option.long === null ? '' : ` -l ${option.long.slice(2)}`;
    const short = option.short === null ? '' : ` -s ${option.short.slice(1)}`;
    const value = option.takesValue ? ' -r' : '';
    return `complete -c parley -n '${when}'${long}${short}${value} -d '${quoted(option.description)}'`;
  });
  const rooms =
    tree.argument === 'room'
      ? [`complete -c parley -n '${when}' -a '(parley rooms 2>/dev/null | cut -f1)'`]
      : [];
  return [...commands, ...options, ...rooms];
}

function conditionOf(path: string, tree: CompletionTree): string {
  const seen = path.split(' ').filter(Boolean);
  const below = tree.commands.map(({ name }) => name).join(' ');
  const here = seen.map((word) => `__fish_seen_subcommand_from ${word}`);
  const deeper = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`];
  return [...here, ...deeper].join('; and ') || 'true';
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
