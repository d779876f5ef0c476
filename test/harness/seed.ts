import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { AgentConfig } from '../../src/contract/agent.ts'
import type { Database } from '../../src/db/database.ts'

/** Inserts an agent with one webhook directly into the database. */
export async function seedAgent(
  db: Database,
  config: Partial<z.input<typeof AgentConfig>> = {},
): Promise<{ agentId: string; token: string; tokenHash: Buffer }> {
  const agentId = randomUUID()
  const webhookId = randomUUID()
  const token = randomBytes(32).toString('base64url')
  const tokenHash = createHash('sha256').update(token).digest()
  const full = AgentConfig.parse({ name: 'Test', instructions: 'Help.', model: 'demo/assistant', ...config })
  await db.transaction(async (tx) => {
    await tx.query('insert into bellwire.agents (id, name, revision) values ($1, $2, 1)', [
      agentId,
      full.name,
    ])
    await tx.query('insert into bellwire.agent_revisions (agent_id, revision, config) values ($1, 1, $2)', [
      agentId,
      JSON.stringify(full),
    ])
    await tx.query('insert into bellwire.webhooks (id, agent_id, name) values ($1, $2, $3)', [
      webhookId,
      agentId,
      'Webhook',
    ])
    await tx.query('insert into bellwire.webhook_tokens (hash, webhook_id, ciphertext) values ($1, $2, $3)', [
      tokenHash,
      webhookId,
      Buffer.alloc(0),
    ])
  })
  return { agentId, token, tokenHash }
}
