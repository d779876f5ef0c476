import type { AgentConfig, AgentPatch } from '../contract/agent.ts'
import type { Database } from '../db/database.ts'
import { BellwireError } from '../errors.ts'
import { checkAgent, checkSecrets, type AgentChecks } from './checkAgent.ts'
import { checkCost } from './checkCost.ts'

/**
 * Checks a configuration before it is saved: only its new fields, so that earlier problems can be fixed one at a time. Cost
 * limits depend on other fields.
 *
 * @throws BellwireError `schema_invalid`
 */
export async function refuseUnfit(
  db: Database,
  config: AgentPatch,
  { model, limits, budget }: AgentConfig,
  checks: AgentChecks,
): Promise<void> {
  const errors = await checkAgent(config, checks)
  if (config.model !== undefined || config.limits || config.budget) {
    errors.push(...(await checkCost({ model, limits, budget }, checks.hasPrice)))
  }
  if (config.tools?.length) {
    const { rows } = await db.pool.query<{ name: string }>('select name from bellwire.secrets')
    errors.push(...checkSecrets(config.tools, new Set(rows.map((secret) => secret.name))))
  }
  if (errors.length > 0) {
    throw new BellwireError('schema_invalid', 'This configuration is invalid.', { errors })
  }
}
