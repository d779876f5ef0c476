/** Whether a JSON value has at most so many levels. Does not recurse: deep values overflow the stack of what does. */
export function isAtMostDeep(value: unknown, levels: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
    if (level.length === 0) return true
  }
  return false
}
