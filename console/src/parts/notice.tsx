import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiError } from '../api.js';

/** What went wrong, and what to do next. */
export function Trouble({ error }: { readonly error: ApiError | null }) {
  if (error === null) return null;
  return (
    <div class="notice bad" role="alert">
      <strong>{error.message}</strong> {error.fix}
    </div>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Loading() {
  return (
    <p class="empty" role="status">
      Loading …
    </p>
  );
}

interface AnswerProps {
  readonly refused: boolean;
  readonly lines: readonly string[];
  /** The focus goes here: the row that the button was in may go, and would take the focus with it. */
  readonly focused?: boolean;
}

/** What a command answered. */
export function Answer({ refused, lines, focused = false }: AnswerProps) {
  const box = useRef<HTMLDivElement>(null);
  // For each answer anew.
  useEffect(() => {
    if (focused) box.current?.focus();
  }, [focused, lines]);
  return (
    <div
      ref={box}
      tabIndex={-1}
      class={`notice ${refused ? 'bad' : 'good'}`}
      role={refused ? 'alert' : 'status'}
    >
      {lines.map((line, index) => (
        <p key={index}>{line}</p>
      ))}
    </div>
  );
}
