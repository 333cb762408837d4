import { useRef } from 'preact/hooks';
import type { Problem } from '../types.js';

interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly change: (text: string) => void;
}

/** A plain field with numbers beside its lines: everything that a browser can do in a field works. */
export function Editor({ label, text, problems, change }: EditorProps) {
  const numbers = useRef<HTMLPreElement>(null);
  const faulty = new Set(problems.map(({ line }) => line));
  const lines = text.split('\n').length;
  return (
    <div class="editor">
      <pre ref={numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          <span key={index} class={faulty.has(index + 1) ? 'faulty' : ''}>
            {`${index + 1}\n`}
          </span>
        ))}
      </pre>
      <textarea
        aria-label={label}
        aria-invalid={problems.length > 0}
        value={text}
        rows={Math.min(30, Math.max(10, lines + 1))}
        wrap="off"
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        onInput={({ currentTarget }) => change(currentTarget.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
