/** Wakes workers: there is work. The message is empty. */
export const WORK_CHANNEL = 'bellwire_work'

/** Publishes what happened to tasks: see {@link TaskUpdate}. */
export const UPDATE_CHANNEL = 'bellwire_news'

/** Carries commands to the workers that run tasks: see {@link WorkerCommand}. */
export const COMMAND_CHANNEL = 'bellwire_orders'

/** A kind of model output: its answer, or its reasoning. */
export type TextKind = 'answer' | 'thought'

/**
 * One model call: the attempt of the task, the number of the call within the attempt, and its step. Both numbers start
 * at 0. A step that starts again has a later call.
 */
export type ModelCall = { attempt: number; call: number; step: number }

/** A model call has started, and whether it is streamed; or a piece of its output. */
export type TextUpdate = { id: string } & ModelCall &
  /** `continues`: it goes on with the answer of the step before, which was cut. */
  (
    | { type: 'model_call'; streamed: boolean; continues: boolean }
    /** `offset`: how much of this kind the call has written before, in UTF-16 code units. */
    | { type: TextKind; offset: number; text: string }
  )

/** `ended`, `changed`: a new event of the task is in the database; the rest is text. */
export type TaskUpdate = { id: string; type: 'ended' } | { id: string; type: 'changed' } | TextUpdate

/**
 * `cancel`: the task is cancelled, stop its run. `watch`: somebody follows it, for the next {@link WATCH_FOR_MS}.
 * `show`: the same, from now on; publish what its model call has written so far.
 */
export type WorkerCommand = { id: string; type: 'cancel' | 'watch' | 'show' }

/** How often interest in a task is repeated to the workers. */
export const WATCH_EVERY_MS = 20_000

/** How long a worker remembers it: one lost message has no effect. */
export const WATCH_FOR_MS = 2 * WATCH_EVERY_MS

const KINDS = { P: 'answer', R: 'thought' } as const
const COMMANDS = { X: 'cancel', W: 'watch', S: 'show' } as const
const ID_LENGTH = 36

/** What is said of a model call, in one number. */
const STREAMED = 1
const CONTINUES = 2

export function encodeUpdate(update: TaskUpdate): string {
  const { id } = update
  if (update.type === 'ended') return `E${id}`
  if (update.type === 'changed') return `C${id}`
  const call = `${id}${update.attempt}:${update.call}:${update.step}:`
  if (update.type === 'model_call') {
    return `M${call}${(update.streamed ? STREAMED : 0) + (update.continues ? CONTINUES : 0)}`
  }
  return `${update.type === 'answer' ? 'P' : 'R'}${call}${update.offset}:${update.text}`
}

/** Undefined for a message of another version of this program. */
export function decodeUpdate(message: string): TaskUpdate | undefined {
  const code = message.charAt(0)
  const id = message.slice(1, 1 + ID_LENGTH)
  if (id.length !== ID_LENGTH) return undefined
  if (code === 'E') return { id, type: 'ended' }
  if (code === 'C') return { id, type: 'changed' }
  const match = /^(\d+):(\d+):(\d+):(\d+)(?::([^]*))?$/.exec(message.slice(1 + ID_LENGTH))
  if (!match) return undefined
  const [attempt = 0, call = 0, step = 0, last = 0] = match.slice(1, 5).map(Number)
  if (code === 'M') {
    const flags = { streamed: (last & STREAMED) !== 0, continues: (last & CONTINUES) !== 0 }
    return { id, type: 'model_call', attempt, call, step, ...flags }
  }
  if (code !== 'P' && code !== 'R') return undefined
  return { id, type: KINDS[code], attempt, call, step, offset: last, text: match[5] ?? '' }
}

export function encodeCommand({ id, type }: WorkerCommand): string {
  return { cancel: 'X', watch: 'W', show: 'S' }[type] + id
}

export function decodeCommand(message: string): WorkerCommand | undefined {
  const code = message.charAt(0)
  const id = message.slice(1)
  if (id.length !== ID_LENGTH || (code !== 'X' && code !== 'W' && code !== 'S')) return undefined
  return { id, type: COMMANDS[code] }
}
