/** What a zod schema says about its fields. Only `def` is read, so that a bridge may bring its own copy of zod. */
import { z } from 'zod';
import type { FieldMeta } from './fields.js';

export interface Variant {
  readonly schema: z.core.$ZodTypes;
  readonly meta: FieldMeta;
}

const known = new WeakMap<z.core.$ZodType, readonly Variant[]>();

/** What a value may be: the schema without `optional`, `default` and the like; each choice of a union. */
export function variantsOf(schema: z.core.$ZodType): readonly Variant[] {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const found = unwrap(schema);
  known.set(schema, found);
  return found;
}

function unwrap(schema: z.core.$ZodType): readonly Variant[] {
  const own = (z.globalRegistry.get(schema) ?? {}) as FieldMeta;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner = innerOf(def);
  if (inner.length === 0) return [{ schema: schema as z.core.$ZodTypes, meta: own }];
  return inner.flatMap(variantsOf).map((variant) => ({ ...variant, meta: { ...variant.meta, ...own } }));
}

function innerOf(def: z.core.$ZodTypeDef): readonly z.core.$ZodType[] {
  const {
    innerType,
    options,
    in: input,
    type,
  } = def as Partial<Record<'innerType' | 'in', z.core.$ZodType>> & {
    readonly options?: readonly z.core.$ZodType[];
    readonly type: string;
  };
  if (type === 'union') return options ?? [];
  const next = type === 'pipe' ? input : innerType;
  return next === undefined ? [] : [next];
}

/** The schemas that the entry `step` of a value of this schema may have. */
export function childrenOf(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  return variantsOf(schema).flatMap((variant) => {
    const { def } = variant.schema._zod;
    if (def.type === 'object')
      return Object.hasOwn(def.shape, step) ? [def.shape[step] as z.core.$ZodType] : [];
    if (def.type === 'array') return [def.element];
    return def.type === 'record' ? [def.valueType] : [];
  });
}

/** The schemas of the value at `path`. */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  return path.reduce<readonly z.core.$ZodType[]>(
    (schemas, step) => schemas.flatMap((each) => childrenOf(each, typeof step === 'symbol' ? '' : step)),
    [schema],
  );
}

/** Keys that the object may have. */
export function keysOf(schema: z.core.$ZodType): readonly string[] {
  return variantsOf(schema).flatMap(({ schema: { _zod } }) =>
    _zod.def.type === 'object' ? Object.keys(_zod.def.shape) : [],
  );
}

/** What the field says of itself. */
export function metaOf(schema: z.core.$ZodType): FieldMeta {
  const [only, second] = variantsOf(schema);
  if (only !== undefined && second === undefined) return only.meta;
  return Object.assign({}, ...variantsOf(schema).map((variant) => variant.meta)) as FieldMeta;
}

const secretive = new WeakMap<z.core.$ZodType, boolean>();

/** A secret, or something that has one inside: a text in its place may be the secret itself. */
export function holdsSecret(schema: z.core.$ZodType): boolean {
  const before = secretive.get(schema);
  if (before !== undefined) return before;
  secretive.set(schema, false);
  const found = variantsOf(schema).some(({ schema: inner, meta }) => {
    const { def } = inner._zod;
    if (meta.secret === true) return true;
    if (def.type === 'object') return Object.values(def.shape).some((child) => holdsSecret(child));
    if (def.type === 'array') return holdsSecret(def.element);
    return def.type === 'record' && holdsSecret(def.valueType);
  });
  secretive.set(schema, found);
  return found;
}

/** The object schema with unknown keys refused, whatever its author chose. */
export function strict<Output>(schema: z.ZodType<Output>): z.ZodType<Output> {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return schema;
  return schema.strict() as unknown as z.ZodType<Output>;
}
