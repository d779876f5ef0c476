/**
 * A text without the given character at its end, however often it is there. Linear: the regular expression `/x+$/`
 * looks for the end of the text from each x within it.
 *
 * @example withoutTrailing('https://x.example//', '/') → 'https://x.example'
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end -= 1
  return text.slice(0, end)
}
