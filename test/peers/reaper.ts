/**
 * Problem: a test process that is killed with SIGKILL cannot run its teardowns, and would leave servers behind.
 * Idea: a small shell reads our pipe. The kernel closes the pipe with us, however we end; the shell then kills the
 * processes and removes the directories that were announced and not withdrawn.
 * Safe because it knows each pid from us alone and forgets it as soon as the process has ended. It works on every
 * Unix and as any user, unlike a parent-death signal, which Linux clears when a server changes its user.
 * It cannot help in the instant between fork and announcement.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

const SCRIPT = `
pids=' ' dirs=''
while read -r verb value; do
  case "$verb" in
    watch) pids="$pids$value " ;;
    forget) case "$pids" in *" $value "*) pids="\${pids%% $value *} \${pids#* $value }" ;; esac ;;
    remove) dirs="$dirs
$value" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
echo "$dirs" | while read -r dir; do [ -n "$dir" ] && rm -rf "$dir"; done
`;

let reaper: ChildProcess | undefined;

/** From now on `pid` dies with this process. */
export function watch(pid: number): void {
  tell('watch', String(pid));
}

/** Call as soon as the process has ended: the system may give its pid to another. */
export function forget(pid: number): void {
  tell('forget', String(pid));
}

/** The directory goes when this process does. Removing it earlier is fine. */
export function removeAtExit(directory: string): void {
  tell('remove', directory);
}

function tell(verb: string, value: string): void {
  reaper ??= start();
  reaper.stdin?.write(`${verb} ${value}\n`);
}

function start(): ChildProcess {
  // Detached: Ctrl-C reaches our process group, and must not reach the shell before it has tidied up.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  (child.stdin as Writable & { unref?(): void }).unref?.();
  return child;
}
