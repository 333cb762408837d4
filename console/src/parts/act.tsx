import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { asApiError } from '../api.js';
import type { Answered } from '../types.js';

interface ActProps {
  /** What it does; its answer, or what went wrong, is told to `told`. */
  readonly run: () => Promise<Answered>;
  readonly told: (answer: Answered) => void;
  readonly label?: string;
  readonly danger?: boolean;
  readonly children: ComponentChildren;
}

/** Where the pages show what came of an act. */
export const ANSWER_ID = 'answer';

/** A button that does something on the gateway, once at a time. */
export function Act({ run, told, label, danger, children }: ActProps) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    if (busy) return;
    setBusy(true);
    told(await answerOf(run));
    setBusy(false);
    // The row that the button is in may go: the focus must not go with it, back to the top of the page.
    document.getElementById(ANSWER_ID)?.focus();
  };
  return (
    <button
      type="button"
      class={danger ? 'danger' : 'quiet'}
      aria-disabled={busy}
      aria-label={label}
      onClick={act}
    >
      {children}
    </button>
  );
}

/** An act that failed answers as one that was refused. */
export async function answerOf(run: () => Promise<Answered>): Promise<Answered> {
  try {
    return await run();
  } catch (error) {
    const { message, fix } = asApiError(error);
    return { refused: true, lines: [`${message} ${fix}`.trim()] };
  }
}
