import { ago, fullTime } from '../words.js';

/** How long ago, with the whole time for who points at it. */
export function Ago({ time }: { readonly time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)}>
      {ago(time)}
    </time>
  );
}
