import type { Buffer } from 'node:buffer'
import type { Earlier, JoinedRequest } from '../../contract/conversation.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { jsonText } from '../../db/jsonText.ts'

/** The newest turns that are read at most. */
const MAX_TURNS = 2_000

/** Requests of tasks that were started again, at most, and the bytes of payloads that are read together. */
const MAX_REQUESTS = 1_000
const MAX_BYTES = 1024 * 1024

type Place = { taskId: string; conversationId: string; turn: number | undefined }

/**
 * Reads what a task sees of its conversation: of the tasks before it that succeeded, what the user said and the answer.
 * A replay counts when the task that it replays did not succeed, unless its writes were answered from a record.
 *
 * @param maxChars texts are cut to this length
 */
export async function readEarlier(db: Database, place: Place, maxChars: number): Promise<Earlier> {
  const { conversationId, taskId, turn } = place
  const { rows: known } = await db.pool.query<{
    summary: string | null
    summarised: string[] | null
    version: number
  }>({
    name: 'conversation_summary',
    text: `select summary, summarised, summary_version as version from bellwire.conversations where id = $1`,
    values: [conversationId],
  })
  const summary = known[0]?.summary ?? null
  const covered = summary === null ? [] : (known[0]?.summarised ?? [])
  const { rows } = await db.pool.query<{ id: string; message: string; answer: string }>({
    name: 'conversation_turns',
    text: `select t.id, left(c.message, $5) as message, left(coalesce(${jsonText('t.result', 'answer')}, ''), $5) as answer
      from bellwire.tasks t join bellwire.conversation_turns c on c.task_id = t.id
      where t.conversation_id = $1 and t.id <> $2 and t.state = 'SUCCESS'
        and ($3::bigint is null or t.turn is null or t.turn < $3) and t.id <> all($4::uuid[])
        and not exists (
          select from bellwire.replays r join bellwire.tasks o on o.id = r.replay_of
          where r.task_id = t.id and (r.writes = 'recorded' or o.state = 'SUCCESS')
        )
      order by t.finished_at desc, t.id desc limit ${MAX_TURNS}`,
    values: [conversationId, taskId, turn ?? null, covered, maxChars],
  })
  return {
    summary: { text: summary, covers: covered, version: known[0]?.version ?? 0 },
    turns: rows.toReversed().map(({ id, message, answer }) => ({ taskId: id, message, answer })),
    ...(await readSuperseded(db, place)),
  }
}

/** The requests of the tasks directly before this one that were cancelled in its favour, oldest first. */
async function readSuperseded(
  db: Database,
  { conversationId, turn }: Place,
): Promise<Pick<Earlier, 'requests' | 'leftOut'>> {
  if (turn === undefined) return { requests: [], leftOut: 0 }
  const { rows } = await db.pool.query<{ payload: Buffer | null; request: InboundRequest }>({
    name: 'conversation_superseded',
    text: `with superseded as (
        select t.id, t.turn, t.payload, t.request from bellwire.tasks t
        where t.conversation_id = $1 and t.turn < $2 and t.turn > coalesce((
          select max(p.turn) from bellwire.tasks p
          where p.conversation_id = $1 and p.turn < $2 and ${jsonText('p.error', 'superseded_by')} is null
        ), -1)
      ), requests as (
        select turn, 0 as n, payload, request from superseded
        union all
        select s.turn, j.n, j.payload, j.request from superseded s
        join bellwire.joined_requests j on j.task_id = s.id and not j.coalesced
      ), sized as (
        select *, sum(octet_length(payload)) over (order by turn desc, n desc) as size,
          row_number() over (order by turn desc, n desc) as place
        from requests
      )
      select case when size <= ${MAX_BYTES} and place <= ${MAX_REQUESTS} then payload end as payload,
        request from sized order by turn, n`,
    values: [conversationId, turn],
  })
  const requests = rows.flatMap(({ payload, request }) =>
    payload ? [{ payloadText: payload.toString('utf8'), request }] : [],
  )
  return { requests, leftOut: rows.length - requests.length }
}

/**
 * Reads requests that joined a task after the first `after`, in order: as many as may be in memory together. Later
 * calls read the rest.
 */
export async function readJoined(db: Database, taskId: string, after: number): Promise<JoinedRequest[]> {
  const { rows } = await db.pool.query<{ n: number; payload: Buffer; request: InboundRequest }>({
    name: 'joined_read',
    text: `select n, payload, request from bellwire.joined_requests
      where task_id = $1 and not coalesced and n in (
        select n from (
          select n, sum(size) over (order by n rows between unbounded preceding and 1 preceding) as before from (
            select n, octet_length(payload) as size from bellwire.joined_requests
            where task_id = $1 and not coalesced and n > $2 order by n limit 100
          ) next
        ) sized where coalesce(before, 0) < ${MAX_BYTES}
      ) order by n`,
    values: [taskId, after],
  })
  return rows.map(({ n, payload, request }) => ({ n, payloadText: payload.toString('utf8'), request }))
}
