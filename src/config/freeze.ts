/** Freezes a config and everything in it, maps too. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const each of value.values()) deepFreeze(each);
    // Object.freeze leaves a map's contents open.
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse });
  } else {
    for (const each of Object.values(value)) deepFreeze(each);
  }
  return Object.freeze(value);
}

function refuse(): never {
  throw new TypeError('a loaded config cannot be changed');
}
