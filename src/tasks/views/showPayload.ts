import type { Buffer } from 'node:buffer'
import { parseExact } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'

/** Bytes of a payload that are shown with its task; parsing and writing more would delay other requests. */
export const MAX_SHOWN_PAYLOAD = 65_536

/** Shown in place of a payload that is too long. */
type TruncatedPayload = { truncated: true; bytes: number; excerpt: string }

/** Columns of a relation with a payload: what {@link showPayload} takes, without reading a long payload. */
export function shownPayload(table: string): string {
  return `substring(${table}.payload for ${MAX_SHOWN_PAYLOAD}) as payload, octet_length(${table}.payload) as payload_bytes`
}

/**
 * A payload for display: its value, or the beginning of its JSON if it is long.
 *
 * @param payload its first {@link MAX_SHOWN_PAYLOAD} bytes
 * @param payload_bytes its length
 */
export function showPayload({ payload, payload_bytes: bytes }: { payload: Buffer; payload_bytes: number }): {
  payload: unknown
  isWhole: boolean
} {
  const text = payload.toString('utf8')
  if (bytes <= MAX_SHOWN_PAYLOAD) return { payload: parseExact(text), isWhole: true }
  // The last character may be cut.
  const truncated: TruncatedPayload = { truncated: true, bytes, excerpt: text.replace(/\ufffd{1,3}$/, '') }
  return { payload: truncated, isWhole: false }
}

/**
 * Reads the whole payload of a task: JSON in UTF-8.
 *
 * @throws BellwireError `task_not_found`
 */
export async function readWholePayload(db: Database, taskId: string): Promise<Buffer> {
  if (!isId(taskId)) throw new BellwireError('task_not_found')
  const { rows } = await db.pool.query<{ payload: Buffer }>({
    name: 'task_payload',
    text: 'select payload from bellwire.tasks where id = $1',
    values: [taskId],
  })
  if (!rows[0]) throw new BellwireError('task_not_found')
  return rows[0].payload
}

/** Whether two tasks have the same bytes as their payload. */
export async function haveSamePayload(db: Database, left: string, right: string): Promise<boolean> {
  const { rows } = await db.pool.query<{ same: boolean | null }>(
    `select (select payload from bellwire.tasks where id = $1) = (select payload from bellwire.tasks where id = $2) as same`,
    [left, right],
  )
  return rows[0]?.same ?? false
}
