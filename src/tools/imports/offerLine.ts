/** Tools of one source that are listed. */
export const MAX_OFFERED = 5_000

/** Characters of what is said about each. */
const MAX_LINE = 300

/** The first paragraph of a description, in one line and at a limited length. */
export function oneLine(text: string): string {
  const line = (text.trim().split(/\n\s*\n/, 1)[0] ?? '').replaceAll(/\s+/g, ' ')
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1).toWellFormed()}…` : line
}
