import { type CompletionNode, type CompletionTree, nodesOf } from './tree.js';

/** zsh: the same walk as in bash, with a description beside each word. */
export function zshScript(tree: CompletionTree): string {
  return `#compdef parley
_parley() {
  local word place='' i
  local -a choices
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$place $word" in
${nodesOf(tree).slice(1).map(stepOf).join('\n')}
    esac
  done
  case "$place" in
${nodesOf(tree).map(choicesOf).join('\n')}
  esac
  _describe 'parley' choices || _files
}
if [ "$funcstack[1]" = "_parley" ]; then _parley "$@"; else compdef _parley parley; fi`;
}

function stepOf({ path, tree }: CompletionNode): string {
  const above = path.slice(0, path.length - tree.name.length).trim();
  return `      '${above} ${tree.name}') place='${path}' ;;`;
}

function choicesOf({ path, tree }: CompletionNode): string {
  const commands = tree.commands.map(({ name, summary }) => described(name, summary));
  const flags = tree.options.map(({ long, description }) => described(long ?? '', description));
  const rooms = tree.argument === 'room' ? ' $(parley rooms 2>/dev/null | cut -f1)' : '';
  return `    '${path}') choices=(${[...commands, ...flags].join(' ')}${rooms}) ;;`;
}

/** `name:description`, with the colon and the quote made harmless. */
function described(name: string, description: string): string {
  return `'${name}:${description.replaceAll("'", '’').replaceAll(':', ' ')}'`;
}
