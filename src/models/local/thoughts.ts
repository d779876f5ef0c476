/** A part of a model's output: text, or reasoning. */
export type Part = { type: 'text' | 'reasoning'; text: string }

/** Opening tags count only at the start of a line, after some space: elsewhere the answer is about them. */
const OPEN = /\n[ \t]{0,64}<(think|thinking)>/
const OPEN_AT_START = /^[ \t]{0,64}<(think|thinking)>|\n[ \t]{0,64}<(think|thinking)>/
const MAX_INDENT = 64
const TAGS = ['<think>', '<thinking>']

/** The end of reasoning whose start is in the model's prompt: on a line of its own or at the end of one. */
const CLOSE_ALONE = /<\/(?:think|thinking)>[ \t]*(?=\n|$)/

/**
 * Separates reasoning between `<think>` and `</think>` from a model's answer, in pieces as they arrive. Unclosed
 * reasoning continues to the end.
 */
export function createThoughtSplitter(): { push(piece: string): Part[]; end(): Part[] } {
  let waiting = ''
  let closing: string | undefined
  let lineStarts = true
  let dropsSpace = false

  function give(parts: Part[], type: Part['type'], written: string): void {
    const text = type === 'text' && dropsSpace ? written.trimStart() : written
    if (text === '') return
    if (type === 'text') {
      dropsSpace = false
      lineStarts = text.endsWith('\n')
    }
    parts.push({ type, text })
  }

  function cutAt(length: number): string {
    const head = waiting.slice(0, length)
    waiting = waiting.slice(length)
    return head
  }

  function take(isLast: boolean): Part[] {
    const parts: Part[] = []
    for (;;) {
      if (closing !== undefined) {
        const at = waiting.indexOf(closing)
        if (at < 0) {
          give(parts, 'reasoning', cutAt(waiting.length - (isLast ? 0 : overlap(waiting, closing))))
          return parts
        }
        give(parts, 'reasoning', cutAt(at))
        cutAt(closing.length)
        closing = undefined
        lineStarts = true
        dropsSpace = true
      }
      const found = (lineStarts ? OPEN_AT_START : OPEN).exec(waiting)
      if (!found) {
        give(parts, 'text', cutAt(waiting.length - (isLast ? 0 : possibleOpen(waiting, lineStarts))))
        return parts
      }
      const before = cutAt(found.index)
      if (before.trim() !== '') give(parts, 'text', before)
      cutAt(found[0].length)
      closing = `</${found[1] ?? found[2]}>`
    }
  }

  return {
    push(piece) {
      waiting += piece
      return take(false)
    },
    end: () => take(true),
  }
}

/**
 * The parts of a complete text. Here reasoning is recognised by its end alone, too: some servers put its start into the
 * prompt.
 */
export function splitThoughts(text: string): Part[] {
  const alone = OPEN_AT_START.test(text) ? null : CLOSE_ALONE.exec(text)
  if (alone) {
    const answer = text.slice(alone.index + alone[0].length).trimStart()
    return [
      { type: 'reasoning' as const, text: text.slice(0, alone.index) },
      { type: 'text' as const, text: answer },
    ].filter((part) => part.text !== '')
  }
  const splitter = createThoughtSplitter()
  return merge([...splitter.push(text), ...splitter.end()])
}

/** Whether a text may contain reasoning; cheap, since most texts do not. */
export function mayHoldThoughts(text: string): boolean {
  return text.includes('<think') || text.includes('</think')
}

function merge(parts: Part[]): Part[] {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (last?.type === part.type) last.text += part.text
    else merged.push({ ...part })
  }
  return merged
}

/** Characters at the end of a text that may be the start of `tag`. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length
  }
  return 0
}

/** Characters at the end of a text that may become an opening tag: its last line, as long as it could be one. */
function possibleOpen(text: string, lineStarts: boolean): number {
  const newline = text.lastIndexOf('\n')
  if (newline < 0 && !lineStarts) return 0
  if (!isPartOfOpen(text.slice(newline + 1))) return 0
  return newline < 0 ? text.length : text.length - newline
}

function isPartOfOpen(line: string): boolean {
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0
  return indent <= MAX_INDENT && TAGS.some((tag) => tag.startsWith(line.slice(indent)))
}
