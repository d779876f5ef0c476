/** A place in a text: both count from 1. */
export type Place = { line: number; column: number }

/** The offset of a place in a text; the end of the line, or of the text, if the place is beyond it. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return Math.min(before + Math.min(column - 1, lines[line - 1]?.length ?? 0), text.length)
}
