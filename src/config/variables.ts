/** `${ENV}` inside the strings of a config. `$${` stands for `${` itself. */
import type { Complaint, Faults } from './fault.js';
import type { Path, ScalarNode, SourceNode } from './source-node.js';
import { didYouMean } from './suggest.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\$\{|\$\{([^}]*)\}?/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Puts the values in, everywhere below `node`. */
export function resolveVariables(
  node: SourceNode,
  env: Environment,
  faults: Faults,
  path: (string | number)[] = [],
): void {
  if (node.kind !== 'scalar') {
    // One path, pushed and popped: a large file has tens of thousands of values.
    for (const [step, child] of node.kind === 'map' ? node.entries : node.items.entries()) {
      path.push(step);
      resolveVariables(child, env, faults, path);
      path.pop();
    }
  } else if (typeof node.raw === 'string' && node.raw.includes('${')) {
    resolveText(node, node.raw, env, faults, path);
  }
}

function resolveText(node: ScalarNode, raw: string, env: Environment, faults: Faults, path: Path): void {
  const variables: string[] = [];
  node.value = raw.replace(VARIABLE, (found: string, name: string | undefined) => {
    if (name === undefined) return '${';
    variables.push(name);
    const value = found.endsWith('}') && NAME.test(name) ? env[name] : undefined;
    if (value === undefined) complain(node, found, name, env, faults, path);
    return value ?? '';
  });
  node.variables = variables;
  node.hidden = variables.length > 0;
}

function complain(
  node: ScalarNode,
  found: string,
  name: string,
  env: Environment,
  faults: Faults,
  path: Path,
): void {
  node.faulty = true;
  const named = found.endsWith('}') && NAME.test(name);
  faults.add(node.start, path, named ? unset(name, env) : NO_NAME);
}

const NO_NAME: Complaint = {
  expected: 'the name of an environment variable in braces after $',
  got: 'something else',
  hint: 'Write $$ instead of $ where the characters themselves are meant.',
};

function unset(name: string, env: Environment): Complaint {
  const hint = didYouMean(name, Object.keys(env)) || 'Set it where Parley is started.';
  return { expected: `the environment variable ${name} to be set`, got: 'none', hint };
}
