import { createInterface } from 'node:readline/promises';
import { ParleyError } from '../errors.js';
import type { CliContext } from './context.js';

/** Says what is wrong with an answer, or null. */
export type Check = (answer: string) => string | null;

export interface Questions {
  /** Asks until the answer passes; an empty answer takes `fallback`. */
  ask(question: string, fallback: string, check?: Check): Promise<string>;
  confirm(question: string, fallback: boolean): Promise<boolean>;
  close(): void;
}

/** Questions on stderr, answers from stdin: stdout stays free for what the command answers. */
export function openQuestions({ stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>): Questions {
  // Not in terminal mode: the terminal itself edits the line, and Ctrl-C stays a signal.
  const reader = createInterface({ input: stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const ask = async (question: string, fallback: string, check: Check = () => null): Promise<string> => {
    for (;;) {
      stderr.write(fallback === '' ? `${question}: ` : `${question} [${fallback}]: `);
      const { value, done } = await lines.next();
      if (done === true) throw unanswered(question);
      const answer = value.trim() || fallback;
      const fault = answer === '' ? 'expected an answer' : check(answer);
      if (fault === null) return answer;
      stderr.write(`  ${fault}\n`);
    }
  };
  return {
    ask,
    async confirm(question, fallback) {
      const answer = await ask(question, fallback ? 'y' : 'n', (text) =>
        /^(y|yes|n|no)$/i.test(text) ? null : 'expected y or n',
      );
      return /^y/i.test(answer);
    },
    close: () => reader.close(),
  };
}

function unanswered(question: string): ParleyError {
  return new ParleyError('USAGE', `No answer to "${question}": nothing was written.`, {
    fix: 'Answer every question, or give the answers as flags with --yes.',
  });
}
