const ENDING = '\n…'
const FENCE = '```'

/**
 * Splits a text into messages of limited length, at the end of a paragraph, a line, a sentence or a word where one is
 * near. A code block that is cut continues as one in the next message. What does not fit into the last message is cut,
 * with `…` in its place.
 *
 * @param limit characters (UTF-16 units) of one message, and the number of messages; at least 20 characters
 */
export function splitText(text: string, limit: { characters: number; messages: number }): string[] {
  const messages: string[] = []
  let rest = text.trim()
  let open = ''
  while (rest !== '') {
    const room = limit.characters - open.length
    if (rest.length <= room) {
      messages.push(open + rest)
      break
    }
    const isLast = messages.length === limit.messages - 1
    const end = findEnd(rest, room - FENCE.length - 1 - ENDING.length)
    const piece = open + rest.slice(0, end).trimEnd()
    const fence = openFence(piece)
    messages.push(piece + (fence === undefined ? '' : `\n${FENCE}`) + (isLast ? ENDING : ''))
    if (isLast) break
    open = fence === undefined ? '' : `${fence}\n`
    rest = fence === undefined ? rest.slice(end).trimStart() : rest.slice(end).replace(/^\n/, '')
  }
  return messages
}

/** Where to cut a text that is longer than `most`: in its second half if it can be, and never inside a character. */
function findEnd(text: string, most: number): number {
  const start = text.slice(0, most)
  for (const boundary of ['\n\n', '\n', '. ', ' ']) {
    const at = start.lastIndexOf(boundary)
    if (at > most / 2) return at + boundary.trimEnd().length
  }
  // An escaped character such as `&lt;` stays in one piece, and so does a pair of surrogates.
  const entity = /&[a-z]{0,4}$/.exec(start)
  if (entity && entity.index > 0) return entity.index
  return /[\uD800-\uDBFF]$/.test(start) ? most - 1 : most
}

/** The line that opens the code block in which a text ends; undefined when it ends outside of one. */
function openFence(text: string): string | undefined {
  let open: string | undefined
  for (const [line = ''] of text.matchAll(/^ {0,3}```.*$/gm))
    open = open === undefined ? line.slice(0, 40) : undefined
  return open
}
