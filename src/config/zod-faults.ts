/** zod's issues in the words of a config fault, at their place in the file. */
import type { z } from 'zod';
import type { Complaint, Faults } from './fault.js';
import { keysOf, schemasAt } from './schema-walk.js';
import { isEmpty, locate, type Path, type SourceNode } from './source-node.js';
import { didYouMean } from './suggest.js';
import { describe, descriptionOf, hintOf, oneOf, wanted } from './wording.js';

type Issue = z.core.$ZodIssue;

export interface Checked {
  readonly schema: z.core.$ZodType;
  readonly node: SourceNode;
  readonly path: Path;
  readonly faults: Faults;
  /** Keys that somebody else checks at the top of this value: suggestions for a misspelt one. */
  readonly otherKeys: readonly string[];
}

export function reportIssues(issues: readonly Issue[], checked: Checked): void {
  for (const issue of issues) reportIssue(issue, [], checked);
}

/** `above` is where the issue's own path starts: the place of the union that it comes from. */
function reportIssue(issue: Issue, above: Path, checked: Checked): void {
  const path = [...above, ...(issue.path as Path)];
  const choice = issue.code === 'invalid_union' ? closestChoice(issue) : null;
  if (issue.code === 'unrecognized_keys') reportKeys(issue.keys, path, checked);
  else if (choice === null) report(issue, path, checked);
  else for (const inner of choice) reportIssue(inner, path, checked);
}

function report(issue: Issue, path: Path, checked: Checked): void {
  const { node, found } = locate(checked.node, path);
  if (node.kind === 'scalar' && node.faulty) return;
  const missing = !found || isEmpty(node);
  const complaint = missing
    ? missingComplaint(issue, path, checked)
    : complaintOf(issue, path, node, checked);
  checked.faults.add(found ? node.start : node.key, [...checked.path, ...path], complaint);
}

function missingComplaint(issue: Issue, path: Path, checked: Checked): Complaint {
  const schemas = schemasAt(checked.schema, path);
  const own = issue.code === 'custom';
  const hint = own ? ownHint(issue) : descriptionOf(schemas);
  return { expected: own ? expectedOf(issue, schemas) : wanted(schemas), got: 'nothing', hint };
}

function complaintOf(issue: Issue, path: Path, node: SourceNode, checked: Checked): Complaint {
  const schemas = schemasAt(checked.schema, path);
  const expected = expectedOf(issue, schemas);
  const hint = suggestion(issue, node) || ownHint(issue) || hintOf(schemas) || typeHint(issue, schemas, node);
  return { expected, got: describe(node), hint };
}

function expectedOf(issue: Issue, schemas: readonly z.core.$ZodType[]): string {
  const own = /^expected (.+)$/s.exec(issue.message)?.[1];
  if (own !== undefined) return own.replace(/\.$/, '');
  const words = wanted(schemas);
  switch (issue.code) {
    case 'invalid_value':
      return oneOf(issue.values);
    case 'too_big':
    case 'too_small':
      return hasOwnWords(schemas) ? words : `${words}${limitOf(issue)}`;
    case 'invalid_format':
      return hasOwnWords(schemas) || issue.pattern === undefined
        ? words
        : `a text that matches ${issue.pattern}`;
    case 'custom':
      return issue.message === 'Invalid input' ? words : issue.message;
    default:
      return words;
  }
}

/** `params: { hint }` of a custom check. */
function ownHint(issue: Issue): string {
  const hint: unknown = issue.code === 'custom' ? issue.params?.hint : undefined;
  return typeof hint === 'string' ? hint : '';
}

function hasOwnWords(schemas: readonly z.core.$ZodType[]): boolean {
  const kinds = ['a text', 'a number', 'a whole number', 'a list', 'a mapping of keys and values'];
  return !kinds.includes(wanted(schemas));
}

function limitOf(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const units: Readonly<Record<string, readonly [string, string]>> = {
    string: [' character', ' characters'],
    array: [' entry', ' entries'],
  };
  const big = issue.code === 'too_big';
  const limit = big ? issue.maximum : issue.minimum;
  const unit = units[issue.origin]?.[Number(limit) === 1 ? 0 : 1] ?? '';
  const bound = `${issue.inclusive === false ? (big ? 'less than' : 'more than') : big ? 'at most' : 'at least'}`;
  return unit === '' ? `, ${bound} ${limit}` : ` of ${bound} ${limit}${unit}`;
}

function suggestion(issue: Issue, node: SourceNode): string {
  if (issue.code !== 'invalid_value' || node.kind !== 'scalar' || node.hidden) return '';
  return didYouMean(String(node.value), issue.values.map(String));
}

function typeHint(issue: Issue, schemas: readonly z.core.$ZodType[], node: SourceNode): string {
  if (issue.code !== 'invalid_type' || node.kind !== 'scalar') return '';
  // `maxAge: 15` lacks a unit, not quotes.
  if (issue.expected === 'string') return hasOwnWords(schemas) ? '' : 'Put quotes around it.';
  const quotedNumber = issue.expected === 'number' && /^\d+$/.test(String(node.value));
  return quotedNumber && node.variables.length === 0 ? 'Write it without quotes.' : '';
}

function reportKeys(keys: readonly string[], path: Path, checked: Checked): void {
  const { node } = locate(checked.node, path);
  const known = schemasAt(checked.schema, path).flatMap(keysOf);
  const all = path.length === 0 ? [...checked.otherKeys, ...known] : known;
  for (const key of keys) {
    const value = node.kind === 'map' ? node.entries.get(key) : undefined;
    const hint = didYouMean(key, all);
    const expected = hint === '' && all.length > 0 ? `one of the keys ${all.join(', ')}` : 'a known key';
    // `{ password: ,secret }`: what looks like a key without a value may be a value that lost its key.
    const strayed = hint === '' && isEmpty(value);
    const got = strayed ? 'something without a value' : JSON.stringify(key.slice(0, 60));
    const place = [...checked.path, ...path, ...(strayed ? [] : [key])];
    checked.faults.add(value?.key ?? node.key, place, { expected, got, hint });
  }
}

/**
 * The issues of the one choice that the value was surely meant to be: the only one of its type. Null when no
 * choice, or more than one, is of the value's type.
 */
function closestChoice(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | null {
  const meant = issue.errors.filter((choice) => !choice.some(isWrongType));
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

function isWrongType(issue: Issue): boolean {
  const typeIssue = issue.code === 'invalid_type' || issue.code === 'invalid_value';
  return issue.path.length === 0 && typeIssue;
}
