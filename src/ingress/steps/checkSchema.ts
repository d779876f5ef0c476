import { BellwireError } from '../../errors.ts'
import { reject } from '../outcome.ts'
import { payloadOf } from './readPayload.ts'
import type { StepEntry } from './step.ts'

/** Refuses a payload that does not fit the schema, with every place where it does not. */
export const checkSchema: StepEntry = {
  applies: ({ checkPayload }) => checkPayload !== undefined,
  async run(arrival) {
    const payload = payloadOf(arrival)
    payload.checkSize()
    const errors = await arrival.webhook.checkPayload?.(payload)
    if (!errors || errors.length === 0) return undefined
    const detail = errors.map((error) => `${error.pointer} ${error.detail}`.trim()).join('; ')
    return reject(
      new BellwireError('schema_invalid', 'The payload does not match the schema of this webhook.', {
        errors,
      }),
      { reason: 'schema_invalid', finding: { detail } },
    )
  },
}
