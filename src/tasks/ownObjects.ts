import { hash } from 'node:crypto'
import { toStorableText } from '../contract/storable.ts'
import type { Database } from '../db/database.ts'

/** How long an event about an object that an agent has made is taken for an echo. */
export const OWN_OBJECT_SECONDS = 3_600

/** The key of an object: of its agent, and of its URL or its id. A UUID without its dashes. */
export function objectKey(agentId: string, name: string): string {
  return hash('sha256', `${agentId} ${toStorableText(name)}`, 'hex').slice(0, 32)
}

/** SQL for the same key, by expressions for the agent's id and the name. */
const objectKeySql = (agentId: string, name: string): string =>
  `encode(substring(sha256(convert_to(${agentId}::text || ' ' || ${name}, 'UTF8')) for 16), 'hex')::uuid`

/**
 * Notes what write tools have made, and in which task, so that an event about it can be recognised as the agent's own.
 * Costs nothing when there is nothing to note.
 */
export async function recordOwnObjects(
  db: Database,
  objects: readonly { taskId: string; name: string }[],
): Promise<void> {
  if (objects.length === 0) return
  await db.pool.query({
    name: 'own_objects_write',
    // In one order by everybody: two statements must not wait for each other.
    text: `insert into bellwire.own_objects as o (key, task_id, made_at)
      select distinct on (key) key, task_id, now() from (
        select ${objectKeySql('t.agent_id', 'i.name')} as key, t.id as task_id
        from unnest($1::uuid[], $2::text[]) as i(task_id, name) join bellwire.tasks t on t.id = i.task_id
      ) as keyed order by key
      on conflict (key) do update set task_id = excluded.task_id, made_at = excluded.made_at`,
    values: [objects.map(({ taskId }) => taskId), objects.map(({ name }) => toStorableText(name))],
  })
}
