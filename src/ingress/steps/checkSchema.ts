import { BellwireError } from '../../errors.ts'
import { lookInto } from '../lookInto.ts'
import { reject } from '../outcome.ts'
import { payloadOf } from './readPayload.ts'
import type { StepEntry } from './step.ts'

/** Longer payloads are parsed and checked in a thread (see compileJsonMismatches). */
const MAX_BYTES_IN_PLACE = 256 * 1024

/** Refuses a payload that does not fit the schema, with every place where it does not. */
export const checkSchema: StepEntry = {
  applies: ({ checkPayload }) => checkPayload !== undefined,
  async run(arrival) {
    const payload = payloadOf(arrival)
    const check = arrival.webhook.checkPayload
    if (!check) return undefined
    const isInPlace = payload.json.length <= MAX_BYTES_IN_PLACE
    if (!isInPlace) await payload.checkSize()
    const errors = await (isInPlace ? lookInto(payload, () => check(payload)) : check(payload))
    if (errors.length === 0) return undefined
    const detail = errors.map((error) => `${error.pointer} ${error.detail}`.trim()).join('; ')
    return reject(
      new BellwireError('schema_invalid', 'The payload does not match the schema of this webhook.', {
        errors,
      }),
      { reason: 'schema_invalid', finding: { detail } },
    )
  },
}
