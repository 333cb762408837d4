/**
 * YAML text to a tree with places.
 *
 * Aliases are copied, so that each place is resolved and reported for itself. A file whose aliases multiply
 * ("billion laughs") is stopped by the budget before the copies are made: a tree knows its size.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Faults } from './fault.js';
import type { MapNode, Path, ScalarNode, ScalarValue, SourceNode } from './source-node.js';
import { syntaxComplaint } from './yaml-syntax.js';

/** Values that all aliases of a file may stand for together. */
const ALIAS_BUDGET = 100_000;
const DEEPEST = 64;
const MERGE_KEY = '<<';
const TWICE = {
  expected: 'each key once',
  got: 'the same key again',
  hint: 'Remove or rename one of them.',
};

/** The tree of the file, or null when its syntax is so broken that nothing below it can be judged. */
export function readTree(text: string, lines: LineCounter, faults: Faults): SourceNode | null {
  try {
    // Keys given twice are found below: `yaml` compares each key with all others of its map.
    const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false };
    const document = parseDocument(text, options);
    for (const error of [...document.errors, ...document.warnings]) {
      faults.add(error.pos[0], [], syntaxComplaint(error));
    }
    if (document.errors.length > 0) return null;
    return new TreeReader(faults).read(document.contents as Node | null, [], 0);
  } catch (error) {
    // The parser is recursive: a file of a hundred thousand brackets ends its stack.
    if (!(error instanceof RangeError)) throw error;
    faults.add(0, [], { expected: 'a config', got: 'YAML that is nested too deep' });
    return null;
  }
}

class TreeReader {
  readonly #faults: Faults;
  /** Null while the anchored value is being read: an alias to it would contain itself. */
  readonly #anchors = new Map<string, SourceNode | null>();
  readonly #sizes = new WeakMap<SourceNode, number>();
  #aliased = 0;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  read(node: Node | null, path: Path, key: number): SourceNode {
    if (node === null) return scalar(null, key, key);
    if (path.length > DEEPEST) return this.#refuse(node, path, key, 'at most 64 levels', 'a deeper one');
    if (isAlias(node)) return this.#alias(node, path, key);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const read = this.#readOwn(node, path, key);
    if (anchor !== undefined) this.#anchors.set(anchor, read);
    return read;
  }

  #readOwn(node: Node, path: Path, key: number): SourceNode {
    if (isMap(node)) return this.#map(node, path, key);
    if (isSeq(node)) return this.#list(node, path, key);
    return scalar(isScalar(node) ? toScalar(node.value) : null, startOf(node, key), key);
  }

  #list(node: YAMLSeq, path: Path, key: number): SourceNode {
    const items = node.items.map((item, index) => {
      const child = item as Node | null;
      return this.read(child, [...path, index], startOf(child, startOf(node, key)));
    });
    return this.#sized({ kind: 'list', items, start: startOf(node, key), key }, items);
  }

  #map(node: YAMLMap, path: Path, key: number): SourceNode {
    const entries = new Map<string, SourceNode>();
    const merged = new Map<string, SourceNode>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const at = startOf(pair.key, startOf(node, key));
      const name = isScalar(pair.key) ? String(pair.key.value ?? '') : '';
      const child = this.read(pair.value, [...path, name], at);
      if (name === MERGE_KEY) this.#merge(child, merged, [...path, name]);
      else if (entries.has(name)) this.#faults.add(at, [...path, name], TWICE);
      else entries.set(name, child);
    }
    for (const [name, child] of merged) if (!entries.has(name)) entries.set(name, child);
    return this.#sized({ kind: 'map', entries, start: startOf(node, key), key }, [...entries.values()]);
  }

  /** https://yaml.org/type/merge.html: the map's own keys win, then the earlier of several merged maps. */
  #merge(child: SourceNode, merged: Map<string, SourceNode>, path: Path): void {
    if (child.kind === 'scalar') {
      if (!child.faulty)
        this.#faults.add(child.start, path, { expected: 'an alias of a mapping', got: 'a value' });
      return;
    }
    const maps =
      child.kind === 'map' ? [child] : child.items.filter((item): item is MapNode => item.kind === 'map');
    for (const map of maps) {
      for (const [name, value] of map.entries) if (!merged.has(name)) merged.set(name, value);
    }
  }

  #alias(alias: Alias, path: Path, key: number): SourceNode {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      return this.#refuse(alias, path, key, 'an anchor of this name further up', 'none');
    }
    if (target === null) return this.#refuse(alias, path, key, 'an alias of another value', 'one of itself');
    const size = this.#sizes.get(target) ?? 1;
    const wasWithin = this.#aliased <= ALIAS_BUDGET;
    this.#aliased += size;
    if (this.#aliased > ALIAS_BUDGET) {
      if (!wasWithin) return { ...scalar(null, startOf(alias, key), key), faulty: true };
      return this.#refuse(alias, path, key, `aliases of at most ${ALIAS_BUDGET} values`, 'more');
    }
    return this.#sized(copy(target, startOf(alias, key), key), [], size);
  }

  #refuse(node: Node, path: Path, key: number, expected: string, got: string): ScalarNode {
    const start = startOf(node, key);
    this.#faults.add(start, path, { expected, got });
    return { ...scalar(null, start, key), faulty: true };
  }

  #sized<Kind extends SourceNode>(node: Kind, children: readonly SourceNode[], size = 1): Kind {
    this.#sizes.set(
      node,
      children.reduce((sum, child) => sum + (this.#sizes.get(child) ?? 1), size),
    );
    return node;
  }
}

function scalar(value: ScalarValue, start: number, key: number): ScalarNode {
  return { kind: 'scalar', raw: value, value, start, key, variables: [], hidden: false, faulty: false };
}

/** The copy stands where the alias stands; what is inside it keeps its own place. */
function copy(node: SourceNode, start: number, key: number): SourceNode {
  const inner = (child: SourceNode) => copy(child, child.start, child.key);
  if (node.kind === 'scalar') return { ...node, start, key };
  if (node.kind === 'list') return { ...node, items: node.items.map(inner), start, key };
  const entries = new Map([...node.entries].map(([name, child]) => [name, inner(child)]));
  return { ...node, entries, start, key };
}

function startOf(node: Node | null, otherwise: number): number {
  return node?.range?.[0] ?? otherwise;
}

function toScalar(value: unknown): ScalarValue {
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return known ? value : null;
}
