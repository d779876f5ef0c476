const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Code units that are looked at behind the end, for a character that does not fit. */
const BEHIND = 64

/**
 * A text of at most so many UTF-16 code units, which ends in an ellipsis if it was longer. What is seen as one
 * character, such as a flag or a letter with accents, is not cut.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed()
  const split = graphemes.segment(text.slice(0, length + BEHIND)).containing(length - 1)
  // Something that fills the whole length is cut, after all.
  const end = split !== undefined && split.index > 0 ? split.index : length - 1
  return `${text.slice(0, end).toWellFormed()}…`
}
