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

/** Prints several runs as they go, each test with its own lines, in one numbering. */
export class TapVoice {
  #print;
  #tests = 0;

  constructor(print) {
    this.#print = print;
  }

  /** One run; `read` takes its lines. */
  stream() {
    let held = [];
    const flush = () => {
      for (const line of held) this.#print(line);
      held = [];
    };
    return {
      read: (line) => {
        const test = /^(ok|not ok) \d+ - (.*)$/.exec(line);
        if (test === null) {
          if (!OF_A_RUN.test(line)) held.push(line);
          return;
        }
        flush();
        this.#tests += 1;
        held.push(`${test[1]} ${this.#tests} - ${test[2]}`);
      },
      end: flush,
    };
  }
}

/** The version, the plan and the summary of one run say nothing of the others. */
const OF_A_RUN = /^(?:TAP version \d+|1\.\.\d+|# (?:tests|pass|fail|skip) \d+|)$/;
