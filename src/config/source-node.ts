/** The config file as a tree that remembers where everything stands. */

export type Path = readonly (string | number)[];
export type ScalarValue = string | number | boolean | null;

interface Placed {
  /** Offset of the value in the file. */
  readonly start: number;
  /** Offset of its key, or of the value itself in a list. */
  readonly key: number;
}

export interface MapNode extends Placed {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, SourceNode>;
}

export interface ListNode extends Placed {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
}

/** Its value changes while `${ENV}`, `file:` and paths are resolved. */
export interface ScalarNode extends Placed {
  readonly kind: 'scalar';
  /** As the file has it. */
  readonly raw: ScalarValue;
  value: ScalarValue;
  /** Names of the variables that the value was made of. */
  variables: readonly string[];
  /** Never shown: a secret, or made of a variable. */
  hidden: boolean;
  /** A fault was reported already: more about it would be noise. */
  faulty: boolean;
}

export type SourceNode = MapNode | ListNode | ScalarNode;

/** The plain value of a tree, as JSON.parse would have made it. `__proto__` is an ordinary key. */
export function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, plain(child)]));
}

/** A map with only the entries that `keep` accepts, in the same place. */
export function pick(node: MapNode, keep: (key: string) => boolean): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([key]) => keep(key))) };
}

/** The node at `path`, or the deepest one on the way there. */
export function locate(root: SourceNode, path: Path): { readonly node: SourceNode; readonly found: boolean } {
  let node = root;
  for (const step of path) {
    const child = childOf(node, step);
    if (child === undefined) return { node, found: false };
    node = child;
  }
  return { node, found: true };
}

function childOf(node: SourceNode, step: string | number): SourceNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step));
  return node.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
}

/** An empty value: `rooms:` with nothing behind it. */
export function isEmpty(node: SourceNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}
