/** A unified diff: what comes and goes is told by its sign, and by colour. */
export function Diff({ text }: { readonly text: string }) {
  if (text === '') return <p class="empty">Nothing is changed.</p>;
  const lines = text.split('\n').filter((line) => !/^(?:===|---|\+\+\+)/.test(line));
  return (
    <pre class="diff">
      {lines.map((line, index) => (
        <span key={index} class={classOf(line)}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function classOf(line: string): string {
  if (line.startsWith('+')) return 'added';
  if (line.startsWith('-')) return 'removed';
  return line.startsWith('@@') ? 'place' : '';
}
