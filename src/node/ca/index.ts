export { createAuthority, createKey, issueCertificate } from './authority.js';
export {
  certificatesOf,
  checkCertificate,
  checkHost,
  describeCertificate,
  onlyAuthority,
  withAuthority,
} from './certificate.js';
export type { Authority, CertificateInfo, KeyPair, NodeNames } from './types.js';
