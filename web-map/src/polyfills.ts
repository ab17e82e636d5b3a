/**
 * What the map engine uses and Chromium 94 does not have. Loaded first in the
 * page and in the map worker; small on purpose.
 */
type Indexable<T> = { readonly length: number; readonly [index: number]: T };

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

function at<T>(this: Indexable<T>, index: number): T | undefined {
  const i = Math.trunc(index) || 0;
  return this[i < 0 ? this.length + i : i];
}

function findLast<T>(this: Indexable<T>, test: (value: T, index: number) => boolean): T | undefined {
  for (let i = this.length - 1; i >= 0; i--) {
    const value = this[i] as T;
    if (test(value, i)) return value;
  }
  return undefined;
}

function findLastIndex<T>(this: Indexable<T>, test: (value: T, index: number) => boolean): number {
  for (let i = this.length - 1; i >= 0; i--) {
    if (test(this[i] as T, i)) return i;
  }
  return -1;
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (value === null || typeof value !== 'object') return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (value instanceof Date) return new Date(value);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) {
    const view = value as Uint8Array;
    return typeof view.slice === 'function' ? view.slice() : new DataView(view.buffer.slice(0), view.byteOffset);
  }
  if (value instanceof Map) {
    const out = new Map<unknown, unknown>();
    seen.set(value, out);
    for (const [k, v] of value) out.set(clone(k, seen), clone(v, seen));
    return out;
  }
  if (value instanceof Set) {
    const out = new Set<unknown>();
    seen.set(value, out);
    for (const v of value) out.add(clone(v, seen));
    return out;
  }
  const out: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  seen.set(value, out);
  for (const key of Object.keys(value)) {
    (out as Record<string, unknown>)[key] = clone((value as Record<string, unknown>)[key], seen);
  }
  return out;
}

define(Object, 'hasOwn', (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key));
for (const type of [Array, String, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
  define(type.prototype, 'at', at);
  if (type === String) continue;
  define(type.prototype, 'findLast', findLast);
  define(type.prototype, 'findLastIndex', findLastIndex);
}
define(globalThis, 'structuredClone', (value: unknown) => clone(value, new Map()));
if (typeof AbortSignal !== 'undefined') {
  define(AbortSignal.prototype, 'throwIfAborted', function (this: AbortSignal) {
    if (this.aborted) throw new DOMException('aborted', 'AbortError');
  });
  define(AbortSignal, 'timeout', (ms: number) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('timeout', 'TimeoutError')), ms);
    return controller.signal;
  });
}
