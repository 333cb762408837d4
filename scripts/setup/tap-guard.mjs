/**
 * Loaded into ava before its TAP reporter. That one dies of a failed test whose error has no stack frame (supertap 3.0.1
 * gives js-yaml an undefined `at`), and takes the rest of its run along: what is undefined is left out instead.
 */
import { createRequire } from 'node:module';

const yaml = createRequire(import.meta.resolve('supertap'))('js-yaml');
const { safeDump } = yaml;
yaml.safeDump = (value, options) => safeDump(value, { ...options, skipInvalid: true });
