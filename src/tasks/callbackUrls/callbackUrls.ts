import type { ReceivedCall } from '../../contract/callbackUrl.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import type { Lease } from '../claim.ts'

/** Callback URLs of one task. */
export const MAX_CALLBACK_URLS = 100

/**
 * Writes the callback URL of a task; one that is there already is left as it is.
 *
 * @returns `lost` when the worker no longer holds the task, `full` when the task has as many as it may have
 */
export async function createCallbackUrl(
  db: Database,
  { taskId, attempt, workerId }: Lease,
  id: string,
): Promise<'created' | 'full' | 'lost'> {
  const { rows } = await db.pool.query<{ held: boolean; there: boolean }>({
    name: 'callback_url_create',
    text: `with held as (
        select id from bellwire.tasks
        where id = $1 and attempt = $2 and worker_id = $3 and state = 'STARTED' for update
      ), created as (
        insert into bellwire.callback_urls (id, task_id)
        select $4, id from held
        where (select count(*) from bellwire.callback_urls where task_id = $1) < ${MAX_CALLBACK_URLS}
        on conflict (id) do nothing
        returning id
      )
      select exists (select 1 from held) as held,
        exists (select 1 from created)
          or exists (select 1 from bellwire.callback_urls where id = $4 and task_id = $1) as there`,
    values: [taskId, attempt, workerId, id],
  })
  if (!rows[0]?.held) return 'lost'
  return rows[0].there ? 'created' : 'full'
}

/** Reads what has come to a callback URL of a task; undefined when the task has none of this id. */
export async function readCallbackUrl(
  db: Database,
  taskId: string,
  id: string,
): Promise<{ call: ReceivedCall | undefined } | undefined> {
  if (!isId(id)) return undefined
  const { rows } = await db.pool.query<Row>({
    name: 'callback_url_read',
    text: `select called_at, content_type, query, body from bellwire.callback_urls where id = $1 and task_id = $2`,
    values: [id, taskId],
  })
  const [row] = rows
  return row && { call: toCall(row) }
}

type Row = {
  called_at: Date | null
  content_type: string | null
  query: ReceivedCall['query'] | null
  body: Buffer | null
}

function toCall({
  called_at: calledAt,
  content_type: contentType,
  query,
  body,
}: Row): ReceivedCall | undefined {
  if (!calledAt) return undefined
  return { calledAt, contentType, query: query ?? {}, body: body?.toString('utf8') }
}
