import type { TaskFilterQuery } from '../../contract/taskQuery.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import type { TaskFilter } from '../../tasks/views/taskFilter.ts'
import { checkAgentId } from './checkAgentId.ts'

/**
 * The filter of a query.
 *
 * @throws BellwireError `agent_not_found`, `webhook_not_found` for a malformed id
 */
export function toTaskFilter(query: TaskFilterQuery): TaskFilter {
  checkAgentId(query)
  if (query.webhook_id !== undefined && !isId(query.webhook_id)) throw new BellwireError('webhook_not_found')
  return {
    text: query.q,
    states: typeof query.state === 'string' ? [query.state] : query.state,
    agentId: query.agent_id,
    webhookId: query.webhook_id,
    conversation: query.conversation_id,
    origin: query.origin,
    exceptOrigins: typeof query.except_origin === 'string' ? [query.except_origin] : query.except_origin,
    errorCode: query.error_code,
    since: query.since === undefined ? undefined : new Date(query.since),
    until: query.until === undefined ? undefined : new Date(query.until),
    minSeconds: query.min_seconds,
    minCostUsd: query.min_cost_usd,
  }
}
