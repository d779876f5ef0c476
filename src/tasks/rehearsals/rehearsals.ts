import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'

export type RehearsalRow = {
  id: string
  agentId: string
  revision: number
  draft: boolean
  tasks: number
  /** Tasks that have not ended. */
  open: number
  createdAt: Date
}

const SELECT = `select r.id, r.agent_id as "agentId", r.revision, r.config is not null as draft, c.tasks, c.open,
    r.created_at as "createdAt"
  from bellwire.rehearsals r cross join lateral (
    select count(*)::int as tasks, count(*) filter (where t.finished_at is null)::int as open
    from bellwire.rehearsed_tasks e join bellwire.tasks t on t.id = e.task_id where e.rehearsal_id = r.id
  ) c`

/** Lists the rehearsals of an agent, newest first; `after` is the id of one. */
export async function listRehearsals(
  db: Database,
  agentId: string,
  { limit, after }: PageRequest,
): Promise<Page<RehearsalRow>> {
  const { rows } = await db.pool.query<RehearsalRow>(
    `${SELECT} where r.agent_id = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
    [agentId, after ?? null, limit + 1],
  )
  return toPage(rows, { limit, name: ({ id }) => id, show: (row) => row })
}

/** @throws BellwireError `rehearsal_not_found` */
export async function findRehearsal(db: Database, id: string): Promise<RehearsalRow> {
  const { rows } = isId(id)
    ? await db.pool.query<RehearsalRow>(`${SELECT} where r.id = $1`, [id])
    : { rows: [] }
  if (!rows[0]) throw new BellwireError('rehearsal_not_found')
  return rows[0]
}
