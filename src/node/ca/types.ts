/** Certificates of the nodes, as PEM texts. Keys are ECDSA P-256 in PKCS #8. */

export interface Authority {
  /** The CA's certificate. */
  readonly cert: string;
  readonly key: string;
}

export interface KeyPair {
  readonly key: string;
  /** PKCS #10: the public key and who asks, signed by the key. */
  readonly request: string;
}

export interface NodeNames {
  /** The common name. */
  readonly name: string;
  /** Host names and IP addresses that others dial (without port): the certificate holds for these and for no other. */
  readonly hosts: readonly string[];
}

export interface CertificateInfo {
  /** `CN=alpha`. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the DER form, lower-case hex: what an invitation pins. */
  readonly fingerprint: string;
  readonly hosts: readonly string[];
}
