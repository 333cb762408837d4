import type { DemoConfig } from '../config/index.js';

/** ngircd.conf(5). No look-ups, so that a client is registered at once; no limits, since only this machine connects. */
export function ngircdSettings(irc: DemoConfig['irc'], motdFile: string): string {
  return `[Global]
Name = demo.parley.invalid
Info = Parley demo server
Listen = ${oneLine(irc.host)}
Ports = ${irc.port}
MotdFile = ${motdFile}

[Limits]
MaxConnections = 200
MaxConnectionsIP = 0
MaxJoins = 50
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 60
PongTimeout = 30

[Options]
DNS = no
Ident = no
PAM = no

[Channel]
Name = ${oneLine(irc.channel)}
Topic = What is said here is heard in every channel of the room
`;
}

/** The file has one setting per line: a line break in a value would start another. */
function oneLine(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f]/g, '');
}
