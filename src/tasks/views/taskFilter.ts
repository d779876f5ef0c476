import { idAt } from '../../db/id.ts'
import type { TaskState } from '../../contract/task.ts'
import { WAITED } from '../approvals/waited.ts'
import { textCondition, type AddValue } from './textCondition.ts'
import { jsonText } from '../../db/jsonText.ts'

/** Which tasks are wanted: those that match every field. */
export type TaskFilter = {
  /** Any of these; all when absent. */
  states?: readonly TaskState[] | undefined
  agentId?: string | undefined
  webhookId?: string | undefined
  /** The id of a conversation, or its key; resolved, the ids of all that are meant. */
  conversation?: string | readonly string[] | undefined
  origin?: string | undefined
  /** Not started in one of these ways. */
  exceptOrigins?: readonly string[] | undefined
  errorCode?: string | undefined
  /** Accepted at this time or later. */
  since?: Date | undefined
  /** Accepted before this time. */
  until?: Date | undefined
  /** Ran at least this long, waiting not included. */
  minSeconds?: number | undefined
  minCostUsd?: number | undefined
  /** Occurs in the payload, the result or the error. */
  text?: string | undefined
  /** Only ids in this range, both ends included: see `idRangeOf`. */
  ids?: { from: string; to: string } | undefined
}

/** Milliseconds from the first attempt of `tasks t` to its end, or to now, without waits; null before the first. */
export const DURATION_MS = `extract(epoch from coalesce(t.finished_at, now()) - t.started_at) * 1000 - (${WAITED})`

/**
 * Conditions that an index answers: they narrow what is read. An id begins with the time of its acceptance by the clock
 * of a front door, which may differ from the database's by less than {@link CLOCK_MARGIN_MS}.
 */
export function narrowConditions(filter: TaskFilter, add: AddValue): string[] {
  const { agentId, conversation, since, until, ids } = filter
  return [
    ...(agentId === undefined ? [] : [`t.agent_id = ${add(agentId)}`]),
    ...(since ? [`t.id >= ${add(idAt(since.getTime() - CLOCK_MARGIN_MS))}`] : []),
    ...(until ? [`t.id < ${add(idAt(until.getTime() + CLOCK_MARGIN_MS))}`] : []),
    ...(conversation !== undefined && typeof conversation !== 'string'
      ? [`t.conversation_id = any(${add(conversation)}::uuid[])`]
      : []),
    ...(ids ? [`t.id between ${add(ids.from)} and ${add(ids.to)}`] : []),
  ]
}

/** Conditions that are checked for each task that was read. */
export function checkedConditions(filter: TaskFilter, add: AddValue): string[] {
  const { states, webhookId, origin, exceptOrigins, errorCode, since, until, minSeconds, minCostUsd, text } =
    filter
  return [
    ...(states?.includes('SUCCESS')
      ? [`t.state in (${states.map((state) => `'${state}'`).join(', ')})`]
      : []),
    ...(webhookId === undefined ? [] : [`t.webhook_id = ${add(webhookId)}`]),
    ...(origin === undefined ? [] : [`t.origin = ${add(origin)}`]),
    ...(exceptOrigins ? [`t.origin <> all(${add(exceptOrigins)}::text[])`] : []),
    ...(errorCode === undefined ? [] : [`${jsonText('t.error', 'code')} = ${add(errorCode)}`]),
    ...(since ? [`t.created_at >= ${add(since)}`] : []),
    ...(until ? [`t.created_at < ${add(until)}`] : []),
    ...(minSeconds === undefined ? [] : [`${DURATION_MS} >= ${add(minSeconds * 1000)}::float8`]),
    ...(minCostUsd === undefined ? [] : [`(t.usage->>'cost_usd')::numeric >= ${add(minCostUsd)}::numeric`]),
    ...(text === undefined ? [] : [textCondition(text, add)]),
  ]
}

/** By how much the clocks of the processes may differ. */
const CLOCK_MARGIN_MS = 3_600_000

const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
const LOWEST = '00000000-0000-0000-0000-000000000000'

/** The ids that begin with a text of at least eight characters; undefined when no id can. */
export function idRangeOf(text: string): { from: string; to: string } | undefined {
  const prefix = text.toLowerCase()
  if (prefix.length < 8 || prefix.length > 36) return undefined
  const from = prefix + LOWEST.slice(prefix.length)
  const isPrefix = ID.test(from)
  return isPrefix ? { from, to: prefix + LOWEST.replaceAll('0', 'f').slice(prefix.length) } : undefined
}
