/** What can be typed after `parley`. */
export interface CompletionTree {
  readonly name: string;
  readonly summary: string;
  /** Name of the first argument: `room` is completed from the config. */
  readonly argument: string | null;
  readonly options: readonly CompletionOption[];
  readonly commands: readonly CompletionTree[];
}

export interface CompletionOption {
  readonly long: string | null;
  readonly short: string | null;
  readonly description: string;
  readonly takesValue: boolean;
}

export interface CompletionNode {
  /** `dead list`; empty for the program. */
  readonly path: string;
  readonly tree: CompletionTree;
}

/** Every command with the words that lead to it. */
export function nodesOf(tree: CompletionTree, path = ''): readonly CompletionNode[] {
  const below = tree.commands.flatMap((child) => nodesOf(child, `${path} ${child.name}`.trim()));
  return [{ path, tree }, ...below];
}

export function flagsOf(tree: CompletionTree): readonly string[] {
  return tree.options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== null);
}
