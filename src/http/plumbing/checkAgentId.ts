import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'

/**
 * Checks the agent in the query of a list: a malformed id matches nothing, and must not reach the database.
 *
 * @throws BellwireError `agent_not_found`
 */
export function checkAgentId({ agent_id: id }: { agent_id?: string | undefined }): void {
  if (id !== undefined && !isId(id)) throw new BellwireError('agent_not_found')
}
