import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { asApiError } from '../api.js';
import type { Answered } from '../types.js';

interface ActProps {
  /** What it does; its answer, or what went wrong, is told to `told`. */
  readonly run: () => Promise<Answered>;
  readonly told: (answer: Answered) => void;
  readonly label?: string;
  /** It cannot be undone: asked first, and done by a second press. */
  readonly sure?: string;
  readonly children: ComponentChildren;
}

/** A button that does something on the gateway, once at a time. */
export function Act({ run, told, label, sure, children }: ActProps) {
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const act = async () => {
    if (busy) return;
    if (sure !== undefined && !asked) {
      setAsked(true);
      return;
    }
    setAsked(false);
    setBusy(true);
    told(await answerOf(run));
    setBusy(false);
  };
  return (
    <button
      type="button"
      class={sure === undefined ? 'quiet' : 'danger'}
      aria-disabled={busy}
      aria-label={asked && label !== undefined ? `${sure} ${label}` : label}
      onClick={act}
      onBlur={() => setAsked(false)}
    >
      {asked ? sure : children}
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
