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
  /** Bytes stop in both directions while connections, new ones too, stay open: a dead router. Nothing is lost. */
  stall(): void;
  resume(): void;
}

export async function startTcpProxy(t: TestContext, target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const sockets = () => [...pairs].flat();
  let stalled = false;
  const hold = (on: boolean) => {
    stalled = on;
    for (const socket of sockets()) {
      if (on) socket.pause();
      else socket.resume();
    }
  };
  const server = createServer((inner) => {
    const outer = createConnection({ host: '127.0.0.1', port: target });
    const pair = [inner, outer] as const;
    pairs.add(pair);
    join(inner, outer, () => pairs.delete(pair));
    if (stalled) hold(true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => sockets().forEach((socket) => void socket.destroy());
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
    stall: () => hold(true),
    resume: () => hold(false),
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
    from.on('error', () => {}); // its close follows
    from.on('close', () => {
      to.destroy();
      done();
    });
  }
}
