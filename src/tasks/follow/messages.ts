import type { ModelCall, TextKind, TextUpdate } from './channels.ts'
import type { TaskEvent } from './taskEvents.ts'

/**
 * What a follower gets, in one order. `state`, `step`, `approval` and `callback` are kept and have a number. A `model_call` says
 * that the text of its step begins, or begins again: what was written of this step before counts no longer. What the
 * model writes follows as `answer` and `thought`; unless it is `streamed`, all at once when the call has finished. The
 * answer of a call that `continues` is one text with that of the step before.
 */
export type Message =
  | { type: 'state' | 'step' | 'approval' | 'callback'; id: number; data: Record<string, unknown> }
  | { type: 'model_call'; data: { step: number; attempt: number; streamed: boolean; continues: boolean } }
  | { type: TextKind; data: { step: number; attempt: number; offset: number; text: string } }

/** The model call that is under way, with what it has written as far as it is known. */
export type OpenCall = Readonly<
  ModelCall & { streamed: boolean; continues: boolean } & Record<TextKind, string>
>

/** Everything known of a call in progress, for a follower who joins late. */
export function openCallMessages(open: OpenCall): Message[] {
  const { step, attempt, streamed, continues } = open
  return [
    { type: 'model_call', data: { step, attempt, streamed, continues } },
    ...textMessages(open, NOTHING, open),
  ]
}

/**
 * Converts events to messages for a follower who has seen `open` of a call in progress: the journal completes the text
 * of a step.
 */
export function eventMessages(events: readonly TaskEvent[], open: OpenCall | undefined): Message[] {
  let seen = open
  return events.flatMap(({ id, type, data, wrote }): Message[] => {
    const event = { type, id, data }
    if (!wrote) return [event]
    const { step, attempt, continues } = wrote
    const begun =
      seen?.step === step &&
      seen.attempt === attempt &&
      wrote.answer.startsWith(seen.answer) &&
      wrote.thought.startsWith(seen.thought)
        ? seen
        : undefined
    seen = undefined
    if (begun) return [...textMessages(wrote, begun, wrote), event]
    const call: Message = { type: 'model_call', data: { step, attempt, streamed: false, continues } }
    return [call, ...textMessages(wrote, NOTHING, wrote), event]
  })
}

const NOTHING = { answer: '', thought: '' }

/** The part of `whole` after `seen`. */
function textMessages(
  whole: Record<TextKind, string>,
  seen: Record<TextKind, string>,
  { step, attempt }: { step: number; attempt: number },
): Message[] {
  return (['thought', 'answer'] as const).flatMap((type): Message[] => {
    const offset = seen[type].length
    const text = whole[type].slice(offset)
    return text === '' ? [] : [{ type, data: { step, attempt, offset, text } }]
  })
}

/** Whether an update belongs to a later call than `open` (positive), to the same (0), or to an earlier one. */
export function compareCalls(update: ModelCall, open: ModelCall | undefined): number {
  if (!open) return 1
  return update.attempt - open.attempt || update.call - open.call
}

/**
 * Adds the next piece of a call in progress. Duplicate pieces return nothing; `gap` when earlier pieces are missing.
 */
export function takePiece(
  open: OpenCall,
  update: TextUpdate,
): { open: OpenCall; messages: Message[]; gap: boolean } {
  if (update.type === 'model_call') return { open, messages: [], gap: false }
  const { type, step, attempt } = update
  const offset = open[type].length
  if (update.offset > offset) return { open, messages: [], gap: true }
  const text = update.text.slice(offset - update.offset)
  if (text === '') return { open, messages: [], gap: false }
  return {
    open: { ...open, streamed: true, [type]: open[type] + text },
    messages: [{ type, data: { step, attempt, offset, text } }],
    gap: false,
  }
}
