import type { Agent as StoredAgent } from '../../agents/agents.ts'
import type { Agent } from '../../contract/agent.ts'

/** What a response shows of an agent. */
export function showAgent({ id, revision, config, createdAt, updatedAt }: StoredAgent): Agent {
  return { id, revision, ...config, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() }
}
