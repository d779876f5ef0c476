/** Whether a text is a JSON pointer (RFC 6901). */
export function isPointer(text: string): boolean {
  return /^(?:\/(?:[^~]|~[01])*)?$/s.test(text)
}

/** The value that a JSON pointer leads to; undefined when there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  if (pointer === '') return value
  let at = value
  for (const part of pointer.slice(1).split('/')) {
    if (typeof at !== 'object' || at === null) return undefined
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined
    at = Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined
  }
  return at
}
