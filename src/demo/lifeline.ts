/**
 * Problem: a child must not outlive its parent, not even one killed with -9. `setpriv --pdeathsig` is Linux only and
 * forgotten when the child changes its user, which ngircd does when root starts it.
 * Idea: a shell between the two reads a pipe that only the parent holds open. When the parent dies, however it dies,
 * the read ends and the shell ends the child.
 * What it cannot do: a shell killed with -9 leaves the child behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';

// Background jobs of a shell read from /dev/null: the pipe is kept on descriptor 3 for the watcher.
// Debian keeps servers in /usr/sbin, which is not on an ordinary user's path.
const SCRIPT = `PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
exec 3<&0
"$@" 3<&- &
child=$!
{ read -r _ <&3; kill "$child" 2>/dev/null; } &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

/** Its stdout and stderr are pipes; ending its stdin ends the program. */
export function spawnTied(program: string, args: readonly string[]): ChildProcess {
  // A session of its own: Ctrl-C in the terminal is the gateway's to handle.
  return spawn('/bin/sh', ['-c', SCRIPT, 'sh', program, ...args], { stdio: 'pipe', detached: true });
}
