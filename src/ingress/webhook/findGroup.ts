import type { RequestWarning } from '../../contract/task.ts'
import type { WebhookOptions } from '../../contract/webhookOptions.ts'
import { dedupeKey } from '../../tasks/dedupeKey.ts'
import type { Trigger } from '../../tasks/trigger.ts'
import type { Arrival } from '../arrival.ts'
import type { Expression } from '../cel/compileCel.ts'
import { compileKey } from './compileExpression.ts'
import { expressionInput } from './expressionInput.ts'
import type { Payload } from '../payload/payload.ts'

/** The conversation and the burst of a request, and which of them could not be found out. */
export type Group = Pick<Trigger, 'conversation' | 'burst'> & { warnings: RequestWarning[] }

/**
 * Finds the conversation and the burst of a request, or of one element of it. An expression that has no value leaves
 * the request without them, and is noted with its task: what the sender said is not lost.
 */
export type FindGroup = (arrival: Arrival, payload: Payload) => Promise<Group>

/**
 * Makes the function that finds the groups of requests; undefined when the webhook has none.
 *
 * @throws BellwireError `schema_invalid` with the place in the expression
 */
export function compileGroup(
  { conversation, coalesce }: Pick<WebhookOptions, 'conversation' | 'coalesce'>,
  webhookId: string,
): FindGroup | undefined {
  const conversationKey = compileKey(conversation?.key, '/conversation/key')
  const burstKey = compileKey(coalesce?.key, '/coalesce/key')
  if (!conversationKey && !burstKey) return undefined
  return async (arrival, payload) => {
    const input = { ...expressionInput(arrival), payload }
    const warnings: RequestWarning[] = []
    const find = async (key: Expression<string | undefined> | undefined, code: RequestWarning['code']) => {
      const evaluation = key?.evaluate(input)
      const found = evaluation instanceof Promise ? await evaluation : evaluation
      if (found?.ok === false) warnings.push({ code, detail: found.error })
      return found?.ok ? found.value : undefined
    }
    const [spoken, collected] = [
      await find(conversationKey, 'conversation_key_failed'),
      await find(burstKey, 'coalesce_key_failed'),
    ]
    return {
      warnings,
      conversation:
        conversation && spoken !== undefined
          ? {
              name: dedupeKey({ entrance: [webhookId], kind: 'conversation', text: spoken }),
              key: spoken,
              whileRunning: conversation.while_running,
              keepDays: conversation.keep_days,
            }
          : undefined,
      burst:
        coalesce && collected !== undefined
          ? {
              name: dedupeKey({ entrance: [webhookId], kind: 'burst', text: collected }),
              windowSeconds: coalesce.window_seconds,
              max: coalesce.max,
            }
          : undefined,
    }
  }
}
