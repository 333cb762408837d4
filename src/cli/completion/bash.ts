import { type CompletionNode, type CompletionTree, flagsOf, nodesOf } from './tree.js';

/** bash 4: finds the deepest command on the line, then offers its commands, flags or rooms. */
export function bashScript(tree: CompletionTree): string {
  return `# bash completion for parley
_parley() {
  local word path='' current="\${COMP_WORDS[COMP_CWORD]}" words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${nodesOf(tree).slice(1).map(stepOf).join('\n')}
    esac
  done
  case "$path" in
${nodesOf(tree).map(wordsOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _parley parley`;
}

function stepOf({ path, tree }: CompletionNode): string {
  const above = path.slice(0, path.length - tree.name.length).trim();
  return `      '${above} ${tree.name}') path='${path}' ;;`;
}

function wordsOf({ path, tree }: CompletionNode): string {
  const words = [...tree.commands.map(({ name }) => name), ...flagsOf(tree)].join(' ');
  const rooms = tree.argument === 'room' ? ' $(parley rooms 2>/dev/null | cut -f1)' : '';
  return `    '${path}') words="${words}${rooms}" ;;`;
}
