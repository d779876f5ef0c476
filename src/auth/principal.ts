import type { Role } from '../contract/role.ts'

/**
 * Who makes a request: an operator with a key or signed in to the console, or a key limited to one agent. A session
 * opened with a link has neither key nor user.
 */
export type Principal = Operator | AgentCaller

export type Operator = {
  scope: 'admin'
  role: Role
  /** For the audit log: the name of the user, of the key, or of neither. */
  name: string
  keyId: string | undefined
  userId?: string
  agentId?: undefined
}

export type AgentCaller = { scope: 'agent'; keyId: string; agentId: string }

/** The name of whoever signed in with a printed link. */
export const LINK_NAME = 'Sign-in link'
