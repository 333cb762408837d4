/**
 * Counts from the summary that ava's TAP reporter writes last: `# pass N` holds tests that ran and passed, `# fail N`
 * failures, tests that a timeout left behind, crashed files, uncaught exceptions and files without a test.
 * A run without a summary died; a run whose exit code disagrees with its summary failed all the same.
 */
export class TapCount {
  #passed = null;
  #failed = null;

  read(line) {
    const [, what, count] = /^# (pass|fail) (\d+)$/.exec(line) ?? [];
    if (what === 'pass') this.#passed = Number(count);
    if (what === 'fail') this.#failed = Number(count);
  }

  result(exitedWell) {
    const passed = this.#passed ?? 0;
    const failed = this.#failed ?? 1;
    return { passed, failed: failed === 0 && (!exitedWell || passed === 0) ? 1 : failed };
  }
}
