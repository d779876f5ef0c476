/**
 * Removes every occurrence of a character from the end of a text, in linear time: the regular expression `/x+$/` would
 * search for the end of the text from each x in it.
 *
 * @example withoutTrailing('https://x.example//', '/') → 'https://x.example'
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end -= 1
  return text.slice(0, end)
}
