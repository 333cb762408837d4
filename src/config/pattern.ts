import { RE2JS } from 're2js';

/** Most patterns are plain words, and there may be thousands. */
const LITERAL = /^[\w #-]*$/;

/** Routing compiles the patterns for use; here they are only judged. */
export function isPattern(text: string): boolean {
  if (LITERAL.test(text)) return true;
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}
