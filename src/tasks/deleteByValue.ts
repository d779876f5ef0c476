import { Buffer } from 'node:buffer'
import { isSameJson } from '../contract/exactJson.ts'
import { valueAt } from '../contract/jsonPointer.ts'
import { parseStored } from '../contract/longJson/parseLong.ts'
import type { Database } from '../db/database.ts'
import { readNow } from '../db/readNow.ts'
import { deleteTasks } from './deleteTasks.ts'

/** Tasks that are looked at in one step. */
const STEP = 2_000

/** Bytes of payloads that are looked at in one step; a single payload may have more. */
const STEP_BYTES = 8 * 1024 * 1024

/** Tasks that one statement deletes. */
const BATCH = 200

/** Limits of one call: it answers in time, and with a list that can be read. */
const CALL_MS = 10_000
const CALL_TASKS = 1_000

/** What a call has deleted, and what it has searched. */
export type Receipt = {
  deleted: string[]
  /** Tasks with this value that have not ended, and were kept. */
  kept: string[]
  /** Tasks accepted before this time were searched. */
  searchedFrom: Date
  /** Back to this time; null for all. */
  searchedBackTo: Date | null
  /** The id of the last task searched; null for all. */
  next: string | null
}

type Seen = { id: string; size: number; created_at: Date }

/**
 * Deletes the ended tasks whose payload has a value at a pointer, newest first, in small batches. Payloads are parsed
 * here: the database would refuse some valid JSON, and one such payload must not hide the others.
 *
 * @param value a JSON text, number or boolean, or null; equal numbers may be written differently
 * @param before goes on with tasks older than this one
 */
export async function deleteByValue(
  db: Database,
  {
    pointer,
    value,
    agentId,
    before,
    timeMs = CALL_MS,
  }: {
    pointer: string
    value: unknown
    agentId?: string | undefined
    before?: string | undefined
    timeMs?: number
  },
): Promise<Receipt> {
  const searchedFrom = await readNow(db.pool)
  const begun = performance.now()
  const deleted: string[] = []
  const kept: string[] = []
  let cursor = before
  for (;;) {
    const seen = await readNext(cursor)
    const last = seen.at(-1)
    if (!last) return { deleted, kept, searchedFrom, searchedBackTo: null, next: null }
    const matching = await findMatching(seen.map(({ id }) => id))
    for (let at = 0; at < matching.length; at += BATCH) {
      const batch = matching.slice(at, at + BATCH)
      const gone = new Set(await deleteTasks(db, batch, { forget: true }))
      for (const id of batch) (gone.has(id) ? deleted : kept).push(id)
    }
    cursor = last.id
    if (deleted.length + kept.length >= CALL_TASKS || performance.now() - begun >= timeMs) {
      return { deleted, kept, searchedFrom, searchedBackTo: last.created_at, next: cursor }
    }
  }

  /** The next tasks whose payloads can be looked at together. */
  async function readNext(after: string | undefined): Promise<Seen[]> {
    const { rows } = await db.pool.query<Seen>({
      name: 'tasks_by_value_next',
      text: `select id, octet_length(payload) as size, created_at from bellwire.tasks
        where id < coalesce($1, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) and ($2::uuid is null or agent_id = $2)
        order by id desc limit ${STEP}`,
      values: [after ?? null, agentId ?? null],
    })
    let size = 0
    const until = rows.findIndex((row) => (size += row.size) > STEP_BYTES)
    return until < 0 ? rows : rows.slice(0, Math.max(1, until))
  }

  async function findMatching(ids: string[]): Promise<string[]> {
    const { rows } = await db.pool.query<{ id: string; payload: Buffer }>({
      name: 'tasks_by_value_payloads',
      // A text without escapes is in the payload as it is; with a backslash it may be written in many ways.
      text: `select id, payload from bellwire.tasks where id = any($1::uuid[])
          and ($2::bytea is null or position($2 in payload) > 0 or position('\\x5c'::bytea in payload) > 0)
        order by id desc`,
      values: [ids, typeof value === 'string' ? Buffer.from(value, 'utf8') : null],
    })
    const matching: string[] = []
    for (const { id, payload } of rows) {
      if (isSameJson(valueAt(await parseStored(payload), pointer), value)) matching.push(id)
    }
    return matching
  }
}
