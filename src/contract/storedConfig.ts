import { AgentConfig } from './agent.ts'

/**
 * A stored configuration, with defaults for fields added to the contract since. One that today's rules would reject is
 * returned unchanged, so that it can be edited and fixed.
 */
export function fromStored(stored: AgentConfig): AgentConfig {
  const parsed = AgentConfig.safeParse(stored)
  return parsed.success ? parsed.data : stored
}
