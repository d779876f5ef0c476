import type { Database } from '../db/database.ts'

/** Reads how many bytes of input a run of a task has: its payload, its body if it has attachments, and its journal. */
export async function readRunSize(
  db: Database,
  taskId: string,
  { body, steps }: { body: boolean; steps: boolean },
): Promise<number> {
  const { rows } = await db.pool.query<{ size: number }>({
    name: 'run_size',
    text: `select (octet_length(t.payload)
        + case when $2 then coalesce((select octet_length(b.body) from bellwire.task_bodies b where b.task_id = t.id), 0)
          else 0 end
        + case when $3 then coalesce((
            select sum(coalesce(octet_length(s.input::text), 0) + coalesce(octet_length(s.output::text), 0))
            from bellwire.steps s where s.task_id = t.id), 0)
          else 0 end)::float8 as size
      from bellwire.tasks t where t.id = $1`,
    values: [taskId, body, steps],
  })
  return rows[0]?.size ?? 0
}
