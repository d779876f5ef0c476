import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'

/**
 * Looks at the ids in the query of a list: malformed ones find nothing, and must not reach the database.
 *
 * @throws BellwireError `schema_invalid` for a cursor that we did not give, `agent_not_found`
 */
export function checkIds({
  agent_id: agentId,
  cursor,
}: {
  agent_id?: string | undefined
  cursor?: string | undefined
}): void {
  if (cursor !== undefined && !isId(cursor)) {
    throw new BellwireError('schema_invalid', 'The cursor is not one that we gave.', {
      errors: [{ pointer: '?cursor', detail: 'use next_cursor of the answer before' }],
    })
  }
  if (agentId !== undefined && !isId(agentId)) throw new BellwireError('agent_not_found')
}
