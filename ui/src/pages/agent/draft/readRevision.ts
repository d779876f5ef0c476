import { call, withQuery } from '../../../api/client.ts'
import type { Agent, Page, Revision } from '../../../api/types.ts'

/** How many revisions are looked through: older drafts than that are merged with the latest one. */
const MAX_LOOKED_THROUGH = 200

/** The agent as it was at a revision; as it is, if that revision is not among the last ones. */
export async function readRevision(agent: Agent, revision: number): Promise<Agent> {
  const path = withQuery(`api/agents/${encodeURIComponent(agent.id)}/revisions`, {
    limit: MAX_LOOKED_THROUGH,
  })
  const { data } = await call<Page<Revision>>('GET', path)
  const found = data.find((one) => one.revision === revision)
  if (!found) return agent
  const { config, created_at: at } = found
  return { id: agent.id, revision, ...config, created_at: agent.created_at, updated_at: at }
}
