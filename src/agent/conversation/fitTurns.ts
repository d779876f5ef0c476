import type { Turn } from '../../contract/conversation.ts'

/** The turns that are shown in full, and those that are to be summarised, in pieces that fit into a model call. */
export type Fitted = { kept: Turn[]; pieces: Turn[][] }

/**
 * Cuts a conversation to size. While all of it fits, nothing is summarised. Otherwise the newest turns are kept, up to
 * half of the limit, so that several more fit before it has to be done again.
 *
 * @param summary what older turns said already
 * @param limit characters
 */
export function fitTurns(turns: readonly Turn[], summary: string, limit: number): Fitted {
  const clipped = turns.map((turn) => clipTurn(turn, limit))
  if (summary.length + total(clipped) <= limit) return { kept: clipped, pieces: [] }
  let from = clipped.length
  for (let size = 0; from > 0; from -= 1) {
    size += sizeOf(clipped[from - 1])
    if (size > limit / 2) break
  }
  return { kept: clipped.slice(from), pieces: split(clipped.slice(0, from), limit) }
}

/** The end of a long text is left out, and how much that is says the text. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const note = ` … (${text.length - max} more characters)`
  return `${text.slice(0, Math.max(0, max - note.length)).toWellFormed()}${note}`
}

/** No turn takes more than half of the limit: the newest one is always kept. */
function clipTurn({ taskId, message, answer }: Turn, limit: number): Turn {
  return { taskId, message: clip(message, limit / 4), answer: clip(answer, limit / 4) }
}

function split(turns: readonly Turn[], limit: number): Turn[][] {
  const pieces: Turn[][] = []
  let size = Infinity
  for (const turn of turns) {
    size += sizeOf(turn)
    if (size > 2 * limit) {
      pieces.push([])
      size = sizeOf(turn)
    }
    pieces.at(-1)?.push(turn)
  }
  return pieces
}

function total(turns: readonly Turn[]): number {
  return turns.reduce((sum, turn) => sum + sizeOf(turn), 0)
}

function sizeOf(turn: Turn | undefined): number {
  return turn ? turn.message.length + turn.answer.length : 0
}
