/** Whether a JSON value has at most this many levels. Not recursive: deep values would overflow the stack. */
export function isAtMostDeep(value: unknown, levels: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
    if (level.length === 0) return true
  }
  return false
}

/** The same for JSON text, without parsing it. */
export function isJsonAtMostDeep(json: string, levels: number): boolean {
  if (json.length <= levels) return true
  let level = 0
  let isInText = false
  for (let index = 0; index < json.length; index += 1) {
    const unit = json.charCodeAt(index)
    if (isInText) {
      if (unit === 0x5c) index += 1
      else if (unit === 0x22) isInText = false
    } else if (unit === 0x22) isInText = true
    else if (unit === 0x7b || unit === 0x5b) {
      level += 1
      if (level > levels) return false
    } else if (unit === 0x7d || unit === 0x5d) level -= 1
  }
  return true
}
