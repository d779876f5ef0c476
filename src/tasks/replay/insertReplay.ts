import type pg from 'pg'
import { noUsage } from '../../contract/addUsage.ts'
import { newId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import { freshRank } from '../../queue/rank.ts'
import { collected } from '../conversations/collected.ts'
import type { ReplayPlan } from './planReplay.ts'

/**
 * The journal that a continued run begins with; the callback URLs that the run has handed out go over to it. Failed
 * model calls answer nothing; what the others cost was paid by the earlier task. `$10`: without the answers after the
 * last tool call. Any replay begins with what the earlier run saw of its conversation, and with the requests that joined
 * it.
 */
const JOURNAL = `select s.*, row_number() over (order by s.event)::int as n
  from bellwire.steps s
  where s.task_id = coalesce($9, $2) and ($9::uuid is not null or s.kind = 'input')
    and not (s.kind = 'model' and s.state = 'failed')
    and not ($10 and s.kind = 'model' and s.step > coalesce(
      (select max(step) from bellwire.steps where task_id = $9 and kind = 'tool'), -1))`

const STATEMENT = `with old as (
    select t.* from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id and a.deleted_at is null
    where t.id = $2
  ), journal as (${JOURNAL}), inserted as (
    insert into bellwire.tasks (id, agent_id, revision, webhook_id, origin, sender_verified, sender_trusted, payload,
      request, conversation_id, joined, callback, last_event)
    select $1, agent_id, $3, webhook_id, 'replay', sender_verified, sender_trusted,
      case when held ->> 'reason' = 'coalescing' then ${collected('old')} else payload end, request, conversation_id,
      case when held ->> 'reason' = 'coalescing' then null else joined end,
      case when $5 <> 'recorded' then callback end, 1 + (select count(*) from journal)
    from old
    returning id
  ), linked as (
    insert into bellwire.replays (task_id, replay_of, writes, continues, config, request_key)
    select $1, id, $5, $6, $7::json, $8 from old
  ), copied as (
    insert into bellwire.steps (task_id, event, key, kind, name, step, state, attempt, input, output, usage, started_at,
      finished_at)
    select $1, 1 + j.n, j.key, j.kind, j.name, j.step, j.state, 0, j.input, j.output,
      case when j.usage is not null then $11::json end, j.started_at, j.finished_at
    from journal j, old
  ), joined as (
    insert into bellwire.joined_requests (task_id, coalesced, n, payload, request, body, created_at)
    select $1, j.coalesced, j.n, j.payload, j.request, j.body, j.created_at
    from bellwire.joined_requests j join old on old.id = j.task_id
  ), moved as (
    update bellwire.callback_urls c set task_id = $1 from old where c.task_id = $9
  ), bodies as (
    insert into bellwire.task_bodies (task_id, body)
    select $1, b.body from bellwire.task_bodies b join old on old.id = b.task_id
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why) select $1, agent_id, $4, 'accepted' from old
  )
  select id from inserted`

/**
 * Writes the new task of a replay with its journal and its place in the queue.
 *
 * @param options.place in the fair order
 * @param options.requestKey what a repeated request is recognized by
 * @returns the id of the new task
 * @throws BellwireError `agent_not_found` when the agent was deleted meanwhile
 */
export async function insertReplay(
  tx: pg.PoolClient,
  { replayOf, revision, config, writes, continues }: ReplayPlan,
  { place, requestKey }: { place: number; requestKey: string | undefined },
): Promise<string> {
  const taskId = newId()
  const { rows } = await tx.query({
    name: 'replay_insert',
    text: STATEMENT,
    values: [
      taskId,
      replayOf,
      revision,
      freshRank({ interactive: false, place }),
      writes,
      continues?.originId ?? null,
      config === null ? null : JSON.stringify(config),
      requestKey ?? null,
      continues?.journalOf ?? null,
      continues?.withoutLastAnswer ?? false,
      JSON.stringify(noUsage()),
    ],
  })
  if (rows.length === 0) throw new BellwireError('agent_not_found', undefined, { status: 409 })
  return taskId
}
