/** A failure of the set-up: what happened, what to do, and the exit code (those of the `parley` program). */
export class SetupError extends Error {
  constructor(message, fix, exitCode = 5) {
    super(message);
    this.fix = fix;
    this.exitCode = exitCode;
  }
}
