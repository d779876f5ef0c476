import { AgentConfig } from './agent.ts'

/**
 * A configuration as it was stored, with the defaults of what has come to the contract since. One that
 * today's rules would refuse is given as it is, for the edit that mends it.
 */
export function fromStored(stored: AgentConfig): AgentConfig {
  const parsed = AgentConfig.safeParse(stored)
  return parsed.success ? parsed.data : stored
}
