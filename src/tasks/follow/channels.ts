/** Wakes workers: there is work. The message is empty. */
export const WORK_CHANNEL = 'bellwire_work'

/** Tells whoever waits what became of tasks: see {@link TaskUpdate}. */
export const UPDATE_CHANNEL = 'bellwire_news'

/** Tells workers what others want of the tasks that they run: see {@link WorkerCommand}. */
export const COMMAND_CHANNEL = 'bellwire_orders'

/**
 * `ended`: read the task now. `changed`: a new event stands in the database. A piece:
 * what the model wrote just now; `seq` counts the pieces of one attempt from 0, so that equal ones differ.
 */
export type TaskUpdate =
  | { id: string; type: 'ended' }
  | { id: string; type: 'changed' }
  | { id: string; type: 'answer' | 'thought'; seq: number; text: string }

/** `cancel`: the task is cancelled, stop its run. `watch`: somebody follows it live for the next minute. */
export type WorkerCommand = { id: string; type: 'cancel' | 'watch' }

const CODES = { ended: 'E', changed: 'C', answer: 'A', thought: 'T' } as const
const TYPES = new Map(Object.entries(CODES).map(([type, code]) => [code, type as TaskUpdate['type']]))

export function encodeUpdate(update: TaskUpdate): string {
  return CODES[update.type] + update.id + ('text' in update ? `${update.seq}:${update.text}` : '')
}

/** Undefined for a message of a newer version of this program. */
export function decodeUpdate(message: string): TaskUpdate | undefined {
  const type = TYPES.get(message.slice(0, 1) as 'E' | 'C' | 'A' | 'T')
  const id = message.slice(1, 37)
  if (!type || id.length !== 36) return undefined
  if (type === 'ended' || type === 'changed') return { id, type }
  const colon = message.indexOf(':', 37)
  return { id, type, seq: Number(message.slice(37, colon)), text: message.slice(colon + 1) }
}

export function encodeCommand(order: WorkerCommand): string {
  return (order.type === 'cancel' ? 'X' : 'W') + order.id
}

export function decodeCommand(message: string): WorkerCommand | undefined {
  const id = message.slice(1)
  if (id.length !== 36) return undefined
  if (message.startsWith('X')) return { id, type: 'cancel' }
  return message.startsWith('W') ? { id, type: 'watch' } : undefined
}
