export {
  DOCUMENT_NAME,
  DOCUMENT_NAME_WORDS,
  type Document,
  type DocumentBan,
  type DocumentChannel,
  readDocument,
} from './document.js';
export { DocumentInvalid, Documents, type Writer, type Writing } from './documents.js';
export { withChannel, withoutChannel } from './edit.js';
export { withDocuments } from './overlay.js';
export type { RemoteStatus } from './poller.js';
export { Remotes } from './remotes.js';
export { makeKey, SIGNATURE_HEADER, signerOf } from './signature.js';
export type { Version } from './version.js';
export { toXml } from './xml.js';
export { XSD } from './xsd.js';
