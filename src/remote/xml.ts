/** A document as XML 1.0: everything is in attributes, as xsd.ts describes. */
import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { type Document, documentSpec } from './document.js';

export const NAMESPACE = 'urn:parley:config:1';
const ATTRIBUTE = '@';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  format: true,
  processEntities: true,
});

/** No entities but the five of XML: what a document declares is not expanded. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: true,
  isArray: (name) => name === 'channel' || name === 'ban',
});

export function toXml(document: Document, name: string, version: number): string {
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    parley: {
      '@xmlns': NAMESPACE,
      '@name': name,
      '@version': String(version),
      channel: document.channels.map(attributes),
      ban: document.bans.map(attributes),
    },
  });
}

/** Throws Error with what is wrong. */
export function fromXml(text: string): Document {
  if (/<!DOCTYPE/i.test(text)) throw new Error('a document type is not taken');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`line ${valid.err.line}: ${valid.err.msg}`);
  const { parley } = parser.parse(text) as { readonly parley?: Readonly<Record<string, unknown>> };
  if (parley?.[`${ATTRIBUTE}xmlns`] !== NAMESPACE) throw new Error(`expected <parley xmlns="${NAMESPACE}">`);
  const { success, data, error } = documentSpec.safeParse({
    channels: rows(parley.channel),
    bans: rows(parley.ban),
  });
  if (success) return data;
  const [issue] = error.issues;
  throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
}

function attributes(row: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${ATTRIBUTE}${name}`, value]],
    ),
  );
}

function rows(found: unknown): unknown {
  if (!Array.isArray(found)) return found;
  return found.map((row) =>
    Object.fromEntries(
      Object.entries(Object(row) as object)
        .filter(([name]) => name.startsWith(ATTRIBUTE))
        .map(([name, value]) => [name.slice(ATTRIBUTE.length), value]),
    ),
  );
}
