/**
 * Whether a JSON value has at most so many characters, roughly as JSON. It stops counting there, so it takes no longer
 * for a value that is larger, and each mention of a value that is mentioned several times counts.
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
