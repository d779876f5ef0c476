/**
 * Whether a JSON value has at most this many characters, roughly, as JSON. It stops counting at the limit, so it takes
 * no longer for larger values; a shared value counts each time it occurs.
 */
export function isAtMostLarge(value: unknown, characters: number): boolean {
  let left = characters
  const stack: unknown[] = [value]
  while (stack.length > 0) {
    const item = stack.pop()
    left -= 4
    if (typeof item === 'string') left -= item.length
    if (left < 0) return false
    if (Array.isArray(item)) {
      if (item.length > left) return false
      for (const one of item) stack.push(one)
    } else if (typeof item === 'object' && item !== null) {
      for (const name in item) {
        left -= name.length + 4
        if (left < 0) return false
        stack.push(Reflect.get(item, name))
      }
    }
  }
  return true
}
