import { AgentConfig } from '../contract/agent.ts'
import type { Database } from '../db/database.ts'
import type { Agents } from '../agents/agents.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'

const NAME = 'demo_agent'

/** Names our lock among the advisory locks of the database: "bell", "demo" in ASCII. */
const LOCK = [0x62656c6c, 0x64656d6f]

/**
 * Makes sure that a newcomer has an agent to try, and gives the token of its webhook. It is made once: who
 * deletes it is rid of it. As long as nobody has edited it, it follows the provider that is configured.
 *
 * @param model `provider/model` that it should use
 */
export async function ensureDemoAgent(
  { db, agents, webhooks }: { db: Database; agents: Agents; webhooks: Webhooks },
  model: string,
): Promise<{ agentId: string; token: string } | undefined> {
  return db.transaction(async (tx) => {
    // Of many processes that start at once, one makes it.
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK)
    const { rows } = await tx.query<{ value: string }>(
      'select value from bellwire.settings where name = $1',
      [NAME],
    )
    const mark = rows[0] && parseMark(rows[0].value)
    const agent = mark
      ? await agents.get(mark.agentId).catch(() => undefined)
      : await agents.create(demo(model))
    if (!agent) return undefined

    let revision = mark?.revision ?? agent.revision
    if (agent.revision === revision && agent.config.model !== model) {
      revision = (await agents.update(agent.id, { model })).revision
    }
    const value = JSON.stringify({ agent_id: agent.id, revision })
    // Not in the transaction: the agent stands by now, whatever becomes of the rest.
    await db.pool.query(
      `insert into bellwire.settings (name, value) values ($1, $2)
        on conflict (name) do update set value = excluded.value`,
      [NAME, value],
    )
    const { token } = await webhooks.default(agent.id)
    return { agentId: agent.id, token }
  })
}

function demo(model: string): AgentConfig {
  return AgentConfig.parse({
    name: 'Demo',
    description: 'A first agent to try. Edit it or delete it: it does not come back.',
    instructions:
      'You answer questions briefly and kindly. When something is unclear, say what you would need to know.',
    model,
  })
}

/** Which agent it is, and the last revision of it that was ours. */
function parseMark(value: string): { agentId: string; revision: number } {
  const mark = JSON.parse(value) as { agent_id: string; revision: number }
  return { agentId: mark.agent_id, revision: mark.revision }
}
