/**
 * The parts of a template that Liquid evaluates, delimiters included: `{{ ... }}` and `{% ... %}`. Unclosed parts are
 * ignored. Takes time linear in the length of the text.
 */
export function evaluatedParts(text: string): string[] {
  const parts: string[] = []
  for (let at = text.indexOf('{'); at !== -1 && at < text.length;) {
    const close = { '{': '}}', '%': '%}' }[text[at + 1] ?? '']
    const end = close === undefined ? undefined : text.indexOf(close, at + 2)
    // Once this delimiter has no closing one, only the other kind can still occur.
    if (end === -1) return [...parts, ...otherKind(text, at + 2, close === '}}' ? '{%' : '{{')]
    if (end !== undefined) parts.push(text.slice(at, end + 2))
    at = text.indexOf('{', end === undefined ? at + 1 : end + 2)
  }
  return parts
}

function otherKind(text: string, from: number, open: '{%' | '{{'): string[] {
  const parts: string[] = []
  for (let at = text.indexOf(open, from); at !== -1;) {
    const end = text.indexOf(open === '{%' ? '%}' : '}}', at + 2)
    if (end === -1) return parts
    parts.push(text.slice(at, end + 2))
    at = text.indexOf(open, end + 2)
  }
  return parts
}

/** Names, keywords and words in literals that Liquid reads in a template: a measure of its cost. */
export function countNames(text: string): number {
  if (!text.includes('{{') && !text.includes('{%')) return 0
  return evaluatedParts(text).reduce((sum, part) => sum + (part.match(/[\w-]+/g)?.length ?? 0), 0)
}

/** Maximum number of names in all templates of one agent. */
export const MAX_TEMPLATE_NAMES = 2_000
