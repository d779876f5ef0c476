import { call } from '../../../api/client.ts'
import type { Agent, Revision } from '../../../api/types.ts'

/** The agent as it was at a revision. */
export async function readRevision(agent: Agent, revision: number): Promise<Agent> {
  const path = `api/agents/${encodeURIComponent(agent.id)}/revisions/${revision}`
  const { config, created_at: at } = await call<Revision>('GET', path)
  return { id: agent.id, revision, ...config, created_at: agent.created_at, updated_at: at }
}
