import type { Buffer } from 'node:buffer'
import type { Database } from '../../db/database.ts'
import { jsonTime } from '../../db/jsonTime.ts'
import { scanTasks } from './scanTasks.ts'
import { DURATION_MS, type TaskFilter } from './taskFilter.ts'

/** Tasks that are found at a time, and how long to search for them. */
const CHUNK = { limit: 200, timeMs: 1_000 }

/** Bytes of payloads and results that are read at a time; a single task may have more. */
const READ_BYTES = 4 * 1024 * 1024

/** A task in its written form. */
type Row = { id: string; fields: string; payload: Buffer; result: string | null }

/**
 * The tasks of a filter with their payloads and results, newest first: a line of JSON for each, some lines at a time.
 * Reads on only when they are taken, and holds no connection in between, so a slow reader costs little. Payloads and
 * results are passed on as text: numbers keep their digits.
 */
export async function* exportTasks(db: Database, filter: TaskFilter): AsyncGenerator<string> {
  for (let cursor: string | undefined; ;) {
    const found = await scanTasks(db, filter, { ...CHUNK, cursor })
    for (const ids of await split(db, found.ids)) {
      yield (await readRows(db, ids)).map(lineOf).join('')
    }
    if (found.next === undefined) return
    cursor = found.next
  }
}

/** Divides tasks by the size of what is read of them. */
async function split(db: Database, ids: string[]): Promise<string[][]> {
  const { rows } = await db.pool.query<{ id: string; size: number }>({
    name: 'tasks_export_sizes',
    text: `select id, octet_length(payload) + coalesce(octet_length(result::text), 0) as size
      from bellwire.tasks where id = any($1::uuid[]) order by id desc`,
    values: [ids],
  })
  const parts: string[][] = []
  let left = 0
  for (const { id, size } of rows) {
    const part = parts.at(-1)
    if (part && size <= left) part.push(id)
    else {
      parts.push([id])
      left = READ_BYTES
    }
    left -= size
  }
  return parts
}

async function readRows(db: Database, ids: string[]): Promise<Row[]> {
  const { rows } = await db.pool.query<Row>({
    name: 'tasks_export',
    text: `select t.id, t.payload, t.result::text as result, json_build_object(
          'id', t.id, 'agent_id', t.agent_id, 'agent_name', a.name, 'revision', t.revision, 'webhook_id', t.webhook_id, 'conversation_id', t.conversation_id,
          'origin', t.origin, 'state', t.state, 'attempt', t.attempt, 'sender_verified', t.sender_verified,
          'created_at', ${jsonTime('t.created_at')}, 'started_at', ${jsonTime('t.started_at')},
          'finished_at', ${jsonTime('t.finished_at')}, 'duration_ms', greatest(0, round(${DURATION_MS})),
          'usage', t.usage, 'error', t.error, 'request', t.request
        )::text as fields
      from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id
      where t.id = any($1::uuid[]) order by t.id desc`,
    values: [ids],
  })
  return rows
}

/** Line breaks in JSON are only between its values. */
function lineOf({ fields, payload, result }: Row): string {
  const text = payload.toString('utf8').replace(/[\r\n]+/g, ' ')
  return `${fields.slice(0, -1)},"payload":${text},"result":${result ?? 'null'}}\n`
}
