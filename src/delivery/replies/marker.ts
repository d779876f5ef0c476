/** A comment of Markdown that is not shown: by it an earlier attempt's comment is recognised. */
export function marker(key: string): string {
  return `<!-- ${key} -->`
}

/** The text of a comment with its marker. */
export function withMarker(text: string, key: string): string {
  return `${text}\n\n${marker(key)}`
}

/** The element of a JSON list of comments whose `body` has the marker. */
export function findMarked({ text }: { text: string }, key: string): unknown {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(list)) return undefined
  const isMarked = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && 'body' in one && String(one.body).includes(marker(key))
  return (list as unknown[]).find(isMarked)
}
