import { startTcpProxy, type TcpProxy, type TestContext } from '../peers/index.js';

/** A wire to 127.0.0.1:`target` that faults can cut; or the straight way, where only the time counts. */
export async function startWire(t: TestContext, target: number, straight: boolean): Promise<TcpProxy> {
  if (!straight) return await startTcpProxy(t, target);
  const uncuttable = () => {
    throw new Error('this run has no wires to cut');
  };
  return {
    host: '127.0.0.1',
    port: target,
    connections: 0,
    cut: uncuttable,
    stall: uncuttable,
    resume: uncuttable,
  };
}
