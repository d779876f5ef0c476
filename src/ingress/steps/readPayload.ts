import { BellwireError } from '../../errors.ts'
import { checkJson } from '../payload/checkJson.ts'
import { Payload } from '../payload/payload.ts'
import type { StepEntry } from './step.ts'

/** Makes a payload of the body, or of the query of a GET. */
export const readPayload: StepEntry = {
  run(arrival) {
    const { inbound, query, rawBody } = arrival
    if (inbound.method === 'GET') {
      arrival.payload = Payload.of(query)
      return undefined
    }
    const json = readBody(inbound.headers['content-type'], rawBody)
    if (!(json instanceof Promise)) {
      arrival.payload = new Payload(json)
      return undefined
    }
    return json.then((checked) => {
      arrival.payload = new Payload(checked)
      return undefined
    })
  },
}

/** JSON of any of the types that say so; without a content type the body itself has to say it. */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const OTHER_CHARSET = /charset\s*=(?!\s*"?utf-?8\b)/i

function readBody(type: string | undefined, body: Buffer): Buffer | Promise<Buffer> {
  if (type !== undefined && (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type))) {
    throw new BellwireError(
      'content_type_unsupported',
      'Send the body as Content-Type: application/json, in UTF-8.',
    )
  }
  return checkJson(body)
}
