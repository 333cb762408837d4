/** What the server's refusals mean for the next attempt. */
import { ParleyError, PermanentError, ThrottledError } from '../../src/bridge.js';

const BAN_WAIT_MS = 15 * 60_000;
const THROTTLE_WAIT_MS = 60_000;
const TLS_WAIT_MS = 5 * 60_000;

const BANNED =
  /\b[kgzdq][- ]?:?lined?\b|\bakill|\bbann?ed\b|autokill|not welcome|dnsbl|blacklist|open proxy/i;
const DENIED =
  /access denied|bad (?:server )?password|password mismatch|not authori[sz]ed|unauthori[sz]ed connection/i;
const THROTTLED =
  /throttl|too (?:fast|many)|reconnect(?:ing)? too|connection limit|clone|no more connections|try again later|excess flood/i;

/** An ERROR line, or whatever else the server said before it hung up. */
export function faultOfClosing(reason: string): Error {
  const said = `the server closed the connection: ${reason}`;
  if (BANNED.test(reason)) {
    return new ThrottledError(said, BAN_WAIT_MS, {
      fix: 'Ask the network to lift the ban; Parley never evades one.',
    });
  }
  if (THROTTLED.test(reason)) {
    return new ThrottledError(said, THROTTLE_WAIT_MS, {
      fix: 'Lower `flood`, or the number of connections.',
    });
  }
  if (DENIED.test(reason)) {
    return new PermanentError(said, { fix: 'Check `password`, or ask the network to let this address in.' });
  }
  return lost(said);
}

export function lost(message: string, cause?: unknown): ParleyError {
  return new ParleyError('NETWORK_UNAVAILABLE', message, cause === undefined ? {} : { cause });
}

export function banned(reason: string): ThrottledError {
  return new ThrottledError(`465 ERR_YOUREBANNEDCREEP: ${reason}`, BAN_WAIT_MS, {
    fix: 'Ask the network to lift the ban; Parley never evades one.',
  });
}

export function loginRefused(how: string, reason: string, field: string): PermanentError {
  return new PermanentError(`${how} login refused: ${reason}`, {
    fix: `Check account and password in \`${field}\`.`,
  });
}

export function loginUnanswered(how: string, reason: string, field: string): ParleyError {
  return new ParleyError('NETWORK_UNAVAILABLE', `${how} login did not complete: ${reason}`, {
    fix: `Services may be away; to go on without them set \`${field}.required: false\`.`,
  });
}

/** Node's codes for a certificate that does not hold: no attempt will do better soon, though the server may mend it. */
const CERTIFICATE = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

export function faultOfSocket(error: NodeJS.ErrnoException, where: string): Error {
  if (error.code !== undefined && CERTIFICATE.test(error.code)) {
    return new ThrottledError(`${where}: certificate not accepted: ${error.message}`, TLS_WAIT_MS, {
      cause: error,
      fix: 'Set `tls.ca` to the CA of the server, `tls.serverName` to its name, or `tls.verify: false`.',
    });
  }
  if (/wrong version number|packet length too long|tlsv1 unrecognized/i.test(error.message)) {
    return new ParleyError('NETWORK_UNAVAILABLE', `${where}: the server does not speak TLS on this port`, {
      cause: error,
      fix: 'Usually 6697 is the TLS port; for a plain one set `tls: false`.',
    });
  }
  if (/before secure TLS connection was established/.test(error.message)) {
    return new ParleyError('NETWORK_UNAVAILABLE', `${where}: the server hung up during the TLS handshake`, {
      cause: error,
      fix: 'Usually 6697 is the TLS port; for a plain one set `tls: false`.',
    });
  }
  return lost(`${where}: ${error.message}`, error);
}
