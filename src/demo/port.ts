import { connect, createServer } from 'node:net';
import { ParleyError } from '../errors.js';

const RELEASE_MS = 1000;
const STEP_MS = 25;

/** Resolves once the port can be had. One held by a server that is just ending gets a moment to become free. */
export async function ensureFree(host: string, port: number, where: string): Promise<void> {
  const deadline = Date.now() + RELEASE_MS;
  for (;;) {
    const fault = await tryListen(host, port);
    if (fault === null) return;
    if (fault !== 'EADDRINUSE' || Date.now() > deadline) throw unusable(host, port, where, fault);
    await pause();
  }
}

/** Resolves with true once somebody listens, with false when `gaveUp()` or the deadline comes first. */
export async function listens(
  host: string,
  port: number,
  gaveUp: () => boolean,
  ms: number,
): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (!gaveUp() && Date.now() < deadline) {
    if (await accepts(host, port)) return true;
    await pause();
  }
  return false;
}

function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, STEP_MS);
  });
}

function unusable(host: string, port: number, where: string, fault: string): ParleyError {
  const taken = fault === 'EADDRINUSE';
  const message = taken ? 'is taken by another program' : `cannot be used (${fault})`;
  const find = taken ? `Find it with \`ss -ltnp 'sport = :${port}'\` and stop it, or set` : 'Set';
  return new ParleyError('PORT_TAKEN', `${where}: ${host}:${port} ${message}.`, {
    fix: `${find} another port in the config.`,
  });
}
