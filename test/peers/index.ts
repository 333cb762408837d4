/** Real servers and a raw client for tests. Each server belongs to one test and ends with it. */
export { type Certificate, makeCertificate } from './certificate.js';
export type { TestContext } from './context.js';
export { type InspircdOptions, type InspircdServer, startInspircd } from './inspircd.js';
export { type InspircdPair, startInspircdPair } from './inspircd-pair.js';
export {
  connectIrc,
  IrcClient,
  type IrcClientOptions,
  ircClient,
  type LineMatch,
  register,
} from './irc-client.js';
export { type IrcLine, parseIrcLine } from './irc-line.js';
export type { IrcServer } from './irc-server.js';
export { LentNetwork, type OpenBridge, openBridge, outbound } from './lent-network.js';
export { type NatsClusterNode, startNatsCluster } from './nats-cluster.js';
export { type NgircdOptions, startNgircd } from './ngircd.js';
export { freePorts } from './ports.js';
export { type PeerProcess, startProcess, temporaryDirectory } from './process.js';
export { SERVICES_NAME, type ServicesOptions, type ServicesServer, startServices } from './services.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
export { until, within } from './wait.js';
