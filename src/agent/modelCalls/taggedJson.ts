/**
 * Encodes values that JSON does not have: dates, bytes and URLs are wrapped in an object with one marker key. An object
 * that has such a key itself is wrapped once more, so nothing is ambiguous.
 */
const DATE = '$date'
const BYTES = '$bytes'
const LINK = '$url'
const PLAIN = '$plain'
const TAGS = [DATE, BYTES, LINK, PLAIN]

/** Makes a value safe for JSON. Unchanged parts are shared with the input, not copied. */
export function toTaggedJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return { [DATE]: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString('base64') }
  if (value instanceof URL) return { [LINK]: value.href }
  if (Array.isArray(value)) return mapArray(value, toTaggedJson)
  const mapped = mapObject(value, toTaggedJson)
  return isTagged(value) ? { [PLAIN]: mapped } : mapped
}

/** The reverse of {@link toTaggedJson}, on a value that may have gone through JSON in between. */
export function fromTaggedJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return mapArray(value, fromTaggedJson)
  if (!isTagged(value)) return mapObject(value, fromTaggedJson)
  const [[tag, content] = []] = Object.entries(value)
  if (tag === DATE) return new Date(typeof content === 'string' ? content : Number.NaN)
  if (tag === BYTES) return new Uint8Array(Buffer.from(String(content), 'base64'))
  if (tag === LINK) return new URL(String(content))
  return mapObject(Object(content), fromTaggedJson)
}

function isTagged(value: object): boolean {
  const keys = Object.keys(value)
  return keys.length === 1 && TAGS.includes(keys[0] ?? '')
}

function mapArray(list: unknown[], map: (value: unknown) => unknown): unknown[] {
  let copy: unknown[] | undefined
  for (const [index, value] of list.entries()) {
    const mapped = map(value)
    if (mapped !== value) (copy ??= [...list])[index] = mapped
  }
  return copy ?? list
}

function mapObject(object: object, map: (value: unknown) => unknown): object {
  let changed: [string, unknown][] | undefined
  for (const [key, value] of Object.entries(object)) {
    const mapped = map(value)
    if (mapped !== value) (changed ??= []).push([key, mapped])
  }
  return changed ? { ...object, ...Object.fromEntries(changed) } : object
}
