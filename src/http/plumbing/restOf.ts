/**
 * What is missing of `whole` when a reader has seen `sent`: nothing when `sent` ends with it, otherwise what
 * follows the longest overlap between the end of the one and the start of the other. A run that was tried again
 * may have begun another answer: then all of it, on a new line.
 */
export function restOf(sent: string, whole: string): string {
  if (sent.endsWith(whole)) return ''
  for (let length = Math.min(sent.length, whole.length - 1); length > 0; length -= 1) {
    if (sent.at(-1) === whole[length - 1] && sent.endsWith(whole.slice(0, length))) return whole.slice(length)
  }
  return sent === '' ? whole : `\n\n${whole}`
}
