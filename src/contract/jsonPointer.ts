/** Whether a text is a JSON pointer (RFC 6901). */
export function isPointer(text: string): boolean {
  return /^(?:\/(?:[^~]|~[01])*)?$/s.test(text)
}

/** The value that a JSON pointer leads to; undefined when there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  return follow(value, pointerNames(pointer))
}

/** The same for a pointer in the fragment of a URL, such as `#/$defs/item`: its parts may be percent-encoded. */
export function valueAtFragment(value: unknown, fragment: string): unknown {
  return follow(
    value,
    fragment
      .split('/')
      .slice(1)
      .map((part) => unescapePart(decode(part))),
  )
}

/** The member names and indexes of a JSON pointer, in order. */
export function pointerNames(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescapePart)
}

function unescapePart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

function follow(value: unknown, names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    if (typeof at !== 'object' || at === null) return undefined
    if (Array.isArray(at) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined
    at = Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined
  }
  return at
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
