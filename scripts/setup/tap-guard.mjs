/**
 * Loaded into ava before its TAP reporter. That one dies of a failed test whose error has no stack frame (supertap 3.0.1
 * gives js-yaml an undefined `at`), and takes the rest of its run along: what is undefined is left out instead.
 */
import { createRequire } from 'node:module';
import TapReporter from '../../node_modules/ava/lib/reporters/tap.js';

const yaml = createRequire(import.meta.resolve('supertap'))('js-yaml');
const { safeDump } = yaml;
yaml.safeDump = (value, options) => safeDump(value, { ...options, skipInvalid: true });

/** Nor does it bear its own errors: that a run made no progress, or called process.exit(). */
const { writeTest } = TapReporter.prototype;
TapReporter.prototype.writeTest = function write(event, flags) {
  const { err } = event;
  const isOwn = err instanceof Error && err.originalError === undefined;
  const shown = isOwn
    ? { type: 'native', name: err.name, message: err.message, stack: err.stack, originalError: err }
    : err;
  return writeTest.call(this, { ...event, err: shown }, flags);
};
