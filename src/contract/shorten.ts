const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Code units after the limit that are examined, to find the end of a character that does not fit. */
const BEHIND = 64

/**
 * Shortens a text to at most so many UTF-16 code units; it ends in an ellipsis if it was longer. What is displayed as
 * one character, such as a flag or a letter with accents, is not cut.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed()
  const split = graphemes.segment(text.slice(0, length + BEHIND)).containing(length - 1)
  // A character that fills the whole length is cut.
  const end = split !== undefined && split.index > 0 ? split.index : length - 1
  return `${text.slice(0, end).toWellFormed()}…`
}
