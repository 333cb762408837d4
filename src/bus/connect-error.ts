/** Why a nats-server could not be used: it is away, it refuses us, or it is there and of no use. */
import { ErrorCode, NatsError } from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { BusAddress } from './types.js';

export function connectError(address: BusAddress, error: unknown): ParleyError {
  const servers = address.servers.join(', ');
  if (error instanceof NatsError && AUTH_CODES.has(error.code)) {
    return new ParleyError('BACKBONE_DENIED', `${servers} refuses our credentials: ${error.message}`, {
      fix: 'Check user, password, token or credentials under "backbone" in the config.',
      cause: error,
    });
  }
  if (isOfTls(error)) {
    return new ParleyError('BACKBONE_UNFIT', `${servers}: TLS failed: ${reasonOf(error)}`, {
      fix: 'Check backbone.tls and the certificate of the server: who signed it, for which name, until when.',
      cause: error,
    });
  }
  return new ParleyError('BACKBONE_UNAVAILABLE', `cannot reach ${servers}: ${reasonOf(error)}`, {
    fix: 'Check that a nats-server listens there and that nothing blocks the port.',
    cause: error,
  });
}

const AUTH_CODES: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AuthenticationTimeout,
  ErrorCode.AccountExpired,
]);

/** Node.js names what OpenSSL finds wrong with a certificate by X509_V_ERR_ without that beginning. */
const TLS_CODES = /^(?:TLS|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function isOfTls(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = chained(at)) {
    if ('code' in at && typeof at.code === 'string' && TLS_CODES.test(at.code)) return true;
  }
  return false;
}

function chained(error: Error): unknown {
  return error instanceof NatsError ? error.chainedError : error.cause;
}
