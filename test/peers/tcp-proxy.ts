import { createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from './context.js';

/** A wire that a test can cut: passes bytes between whoever connects and 127.0.0.1:`target`. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections passing through now. */
  readonly connections: number;
  /** Ends every connection on both sides; new ones still pass. */
  cut(): void;
  /** Bytes stop in both directions while connections stay open: a dead router. Nothing is lost. */
  stall(): void;
  resume(): void;
  /** As `stall`, and whoever connects meanwhile waits too: a partition. `unblock` lets everything go on. */
  block(): void;
  unblock(): void;
}

export async function startTcpProxy(t: TestContext, target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const sockets = () => [...pairs].flat();
  const waiting = new Set<Socket>();
  let blocked = false;
  const pass = (inner: Socket) => {
    const outer = createConnection({ host: '127.0.0.1', port: target });
    const pair = [inner, outer] as const;
    pairs.add(pair);
    join(inner, outer, () => pairs.delete(pair));
  };
  const server = createServer({ pauseOnConnect: true }, (inner) => {
    if (!blocked) {
      pass(inner);
      return;
    }
    waiting.add(inner);
    inner.on('error', () => {}); // its close follows
    inner.once('close', () => waiting.delete(inner));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => [...sockets(), ...waiting].forEach((socket) => void socket.destroy());
  const stall = () => sockets().forEach((socket) => void socket.pause());
  const resume = () => sockets().forEach((socket) => void socket.resume());
  t.teardown(() => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return pairs.size;
    },
    cut,
    stall,
    resume,
    block: () => {
      blocked = true;
      stall();
    },
    unblock: () => {
      blocked = false;
      resume();
      const late = [...waiting].filter((socket) => !socket.destroyed);
      waiting.clear();
      for (const socket of late) pass(socket);
    },
  };
}

function join(left: Socket, right: Socket, done: () => void): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.setNoDelay(true);
    from.on('data', (chunk) => to.write(chunk));
    from.on('end', () => to.end());
    from.resume();
    from.on('error', () => {}); // its close follows
    from.on('close', () => {
      to.destroy();
      done();
    });
  }
}
