import type { Cause } from './cause.ts'

/** Tasks that are held at their webhooks because a loop is suspected; noticed anew once they were all released. */
export const loops: Cause = async (db, { loops: isWanted }) => {
  if (!isWanted) return []
  const { rows } = await db.query<{
    webhook_id: string
    agent_id: string
    agent: string
    webhook: string
    first: string
  }>(
    `select t.webhook_id, t.agent_id, a.name as agent, w.name as webhook, min(t.id::text) as first
      from bellwire.queue q
      join bellwire.tasks t on t.id = q.task_id
      join bellwire.webhooks w on w.id = t.webhook_id
      join bellwire.agents a on a.id = t.agent_id
      where q.rank is null and q.due_at = 'infinity' and q.why = 'held' and t.held ->> 'reason' = 'loop_suspected'
      group by 1, 2, 3, 4`,
  )
  return rows.map(({ webhook_id: webhookId, agent_id: agentId, agent, webhook, first: taskId }) => ({
    key: `loop:${taskId}`,
    kind: 'loops',
    title: `Possible loop: too many events about one object at the webhook ${webhook} of ${agent}. Further tasks are held until they are released`,
    agentId,
    webhookId,
    taskId,
  }))
}
