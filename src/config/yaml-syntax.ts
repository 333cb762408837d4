/** YAML's own errors in the words of ours. Some of `yaml`'s messages quote the file, and so may quote a secret. */
import type { ErrorCode, YAMLError } from 'yaml';
import type { Complaint } from './fault.js';

const WORDS: Partial<Record<ErrorCode, Complaint>> = {
  BAD_ALIAS: { expected: 'an alias such as *name', got: 'one without a usable name' },
  BAD_DQ_ESCAPE: {
    expected: 'an escape such as \\n or \\" in a double-quoted text',
    got: 'an unknown one',
    hint: "Write \\\\ for a backslash, or use single quotes: '…'.",
  },
  BAD_INDENT: {
    expected: 'lines of one mapping or list to start in the same column',
    got: 'another indentation',
  },
  BAD_SCALAR_START: {
    expected: 'a value',
    got: 'one that starts with a character reserved by YAML',
    hint: 'Put quotes around it.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    expected: 'one `key: value` on a line',
    got: 'a second colon',
    hint: 'Put quotes around a value that contains ": ".',
  },
  MULTILINE_IMPLICIT_KEY: { expected: 'a key followed by ":"', got: 'a text over several lines' },
  MULTIPLE_DOCS: { expected: 'one document', got: 'a second one after "---"' },
  NON_STRING_KEY: { expected: 'a text as key', got: 'something else', hint: 'Put quotes around the key.' },
  TAB_AS_INDENT: { expected: 'spaces', got: 'a tab', hint: 'YAML is indented with spaces only.' },
  TAG_RESOLVE_FAILED: { expected: 'a value without a tag', got: 'a tag (a word that starts with "!")' },
  UNEXPECTED_TOKEN: {
    expected: 'a value or the next key',
    got: 'something that YAML cannot read here',
    hint: 'Often a missing quote or comma just before it.',
  },
};

export function syntaxComplaint(error: YAMLError): Complaint {
  if (error.code !== 'MISSING_CHAR') return WORDS[error.code] ?? { expected: 'YAML', got: error.code };
  // These messages are fixed texts: "Missing closing "quote", "Missing , between flow map items".
  return { expected: 'YAML', got: `broken syntax (${error.message})` };
}
