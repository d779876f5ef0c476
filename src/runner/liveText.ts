import type { BegunCall, Piece } from '../agent/runInput.ts'
import type { Signals } from '../db/signals.ts'
import { encodeUpdate, UPDATE_CHANNEL, type ModelCall, type TextKind } from '../tasks/follow/channels.ts'
import type { Listeners } from './listeners.ts'

/** Pieces that arrive within this time are sent together. The first one is not delayed. */
const GATHER_MS = 25

/** Text is republished at most this often, however many followers request it. */
const SHOW_EVERY_MS = 250

/**
 * Maximum characters in one message. Encoded as JSON, one may take seven bytes (`\\u0001` with its backslash doubled).
 */
const MAX_CHARS = 1_000

/**
 * Holds the text of the model call in progress, and publishes it to the task's followers: each piece with its offset,
 * so that nothing is lost or duplicated, and all of it again when a follower joins late. Nothing is published without
 * followers.
 */
export type LiveText = {
  /** A model call begins; what an earlier one wrote is forgotten. */
  begin(call: BegunCall): void
  write(piece: Piece): void
  /** The call's answer is in the journal: from now on it is read there. */
  end(): void
  /** Publishes the rest, and nothing after that. */
  close(): void
}

type Current = ModelCall & {
  streamed: boolean
  continues: boolean
  texts: Map<TextKind, { text: string; published: number }>
}

export function createLiveText(
  { signals, listeners }: { signals: Signals; listeners: Listeners },
  { taskId, attempt }: { taskId: string; attempt: number },
): LiveText {
  let calls = 0
  let current: Current | undefined
  let lastType: TextKind | undefined
  let gathering: NodeJS.Timeout | undefined
  let showing: NodeJS.Timeout | undefined
  let published = 0
  let shown = Number.NEGATIVE_INFINITY
  const unsubscribe = listeners.onShow(taskId, () => {
    const wait = shown + SHOW_EVERY_MS - performance.now()
    if (wait <= 0) show()
    else showing ??= setTimeout(show, wait)
  })

  function show(): void {
    clearTimeout(showing)
    showing = undefined
    shown = performance.now()
    if (!current) return
    for (const part of current.texts.values()) part.published = 0
    announce(current)
    publish()
  }

  function announce({ call, step, streamed, continues }: Current): void {
    const update = { id: taskId, type: 'model_call', attempt, call, step, streamed, continues } as const
    signals.publish(UPDATE_CHANNEL, encodeUpdate(update))
  }

  function publish(): void {
    clearTimeout(gathering)
    gathering = undefined
    if (!current || !listeners.isWatched(taskId)) return
    published = performance.now()
    const { call, step, texts } = current
    for (const [type, part] of texts) {
      // An unpaired surrogate waits for its other half.
      const end = cutBefore(part.text, part.text.length)
      while (part.published < end) {
        const offset = part.published
        part.published = cutBefore(part.text, Math.min(offset + MAX_CHARS, end))
        const text = part.text.slice(offset, part.published)
        const update = { id: taskId, type, attempt, call, step, offset, text }
        signals.publish(UPDATE_CHANNEL, encodeUpdate(update))
      }
    }
  }

  return {
    begin({ step, streamed, continues }) {
      current = { attempt, call: calls++, step, streamed, continues, texts: new Map() }
      if (listeners.isWatched(taskId)) announce(current)
    },
    write({ type, text }) {
      if (!current) return
      // Answer and thought are published in the order in which they were written.
      if (gathering && type !== lastType) publish()
      lastType = type
      const part = current.texts.get(type)
      if (part) part.text += text
      else current.texts.set(type, { text, published: 0 })
      const wait = published + GATHER_MS - performance.now()
      if (wait <= 0) publish()
      else gathering ??= setTimeout(publish, wait)
    },
    end() {
      publish()
      current = undefined
    },
    close() {
      unsubscribe()
      clearTimeout(showing)
      publish()
      current = undefined
    },
  }
}

/** The position at or before `end` where a text can be cut without splitting a character. */
function cutBefore(text: string, end: number): number {
  const last = text.charCodeAt(end - 1)
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end
}
