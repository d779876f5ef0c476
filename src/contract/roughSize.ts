/**
 * The approximate length of a value as JSON: the characters of its strings and names, and a few for each other value.
 */
export function roughSize(value: unknown): number {
  let size = 0
  const stack: unknown[] = [value]
  while (stack.length > 0) {
    const item = stack.pop()
    size += typeof item === 'string' ? item.length + 4 : 4
    if (Array.isArray(item)) for (const one of item) stack.push(one)
    else if (typeof item === 'object' && item !== null) {
      for (const name in item) {
        size += name.length + 4
        stack.push(Reflect.get(item, name))
      }
    }
  }
  return size
}
