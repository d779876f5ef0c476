import type { Piece } from '../agent/runInput.ts'
import type { Signals } from '../db/signals.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../tasks/follow/channels.ts'

/** Pieces that come within this time travel together. The first one does not wait. */
const GATHER_MS = 25

/** Characters in one message at most. Written as JSON, one may take seven bytes (`\\u0001` with its backslash doubled). */
const MAX_CHARS = 1_000

/** Sends what a model writes to whoever reads along. */
export type PieceSender = {
  send(piece: Piece): void
  /** Sends what is gathered, now. */
  flush(): void
}

export function createPieceSender(signals: Signals, taskId: string): PieceSender {
  let gathered: Piece | undefined
  let timer: NodeJS.Timeout | undefined
  let lastFlush = 0
  let seq = 0

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (!gathered) return
    for (let start = 0; start < gathered.text.length; start += MAX_CHARS) {
      const text = gathered.text.slice(start, start + MAX_CHARS)
      signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: gathered.type, seq: seq++, text }))
    }
    gathered = undefined
    lastFlush = performance.now()
  }

  return {
    send(piece) {
      if (gathered && gathered.type !== piece.type) flush()
      gathered = { type: piece.type, text: (gathered?.text ?? '') + piece.text }
      const wait = lastFlush + GATHER_MS - performance.now()
      if (wait <= 0) flush()
      else timer ??= setTimeout(flush, wait)
    },
    flush,
  }
}
