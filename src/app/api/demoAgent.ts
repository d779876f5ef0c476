import { AgentConfig } from '../../contract/agent.ts'
import type { Database } from '../../db/database.ts'
import { BellwireError } from '../../errors.ts'
import type { Agents } from '../../agents/agents.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'

const NAME = 'demo_agent'

/** Names our lock among the advisory locks of the database: "bell", "demo" in ASCII. */
const LOCK = [0x62656c6c, 0x64656d6f]

/**
 * Ensures that a new installation has an agent to try, and returns its webhook token. It is created once and never
 * again after it was deleted. Until somebody edits it, its model follows the configured provider.
 *
 * @param model `provider/model` that it should use
 */
export async function ensureDemoAgent(
  { db, agents, webhooks }: { db: Database; agents: Agents; webhooks: Webhooks },
  model: string,
): Promise<{ agentId: string; token: string } | undefined> {
  return db.transaction(async (tx) => {
    // Of several processes that start at once, one creates it.
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK)
    const { rows } = await tx.query<{ value: string }>(
      'select value from bellwire.settings where name = $1',
      [NAME],
    )
    const mark = rows[0] && parseMark(rows[0].value)
    const agent = mark
      ? await agents.get(mark.agentId).catch(undefinedIfDeleted)
      : await agents.create(demo(model))
    if (!agent) return undefined

    let revision = mark?.revision ?? agent.revision
    if (agent.revision === revision && agent.config.model !== model) {
      revision = (await agents.update(agent.id, { model })).revision
    }
    const value = JSON.stringify({ agent_id: agent.id, revision })
    // Not in the transaction: the agent exists by now, whatever the outcome of the rest.
    await db.pool.query(
      `insert into bellwire.settings (name, value) values ($1, $2)
        on conflict (name) do update set value = excluded.value`,
      [NAME, value],
    )
    const { token } = await webhooks.default(agent.id)
    return { agentId: agent.id, token }
  })
}

function undefinedIfDeleted(error: unknown): undefined {
  if (error instanceof BellwireError && error.code === 'agent_not_found') return undefined
  throw error
}

function demo(model: string): AgentConfig {
  return AgentConfig.parse({
    name: 'Demo',
    description: 'A sample agent to try. Edit or delete it: it is not created again.',
    instructions:
      'You answer questions briefly and kindly. When something is unclear, say what you would need to know.',
    model,
  })
}

/** Its id, and the last revision that we created. */
function parseMark(value: string): { agentId: string; revision: number } {
  const mark = JSON.parse(value) as { agent_id: string; revision: number }
  return { agentId: mark.agent_id, revision: mark.revision }
}
