import { createHmac } from 'node:crypto'
import { isObject } from '../../contract/jsonObject.ts'
import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { answerJson, smallJson } from './handshakes.ts'
import { field, firstOf, joined } from './locator.ts'
import { hasHeader } from './recognise.ts'
import { valueAt } from './locator.ts'
import type { Source } from './source.ts'

const scheme = hmac({
  header: 'X-Zm-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: 'v0=',
  signed: 'v0:{timestamp}:{body}',
  time: { header: 'X-Zm-Request-Timestamp', toleranceSeconds: 300 },
})

export const zoom: Source = {
  name: 'zoom',
  title: 'Zoom',
  about: 'Meetings, recordings, transcripts and the other events of an app.',
  reference: 'https://developers.zoom.us/docs/api/webhooks/',
  scheme,
  fields: [secretField('Secret token', 'Features → Access of the app in the Zoom App Marketplace.')],
  event: field('/event'),
  eventId: joined(
    field('/event'),
    field('/event_ts'),
    firstOf(field('/payload/object/uuid'), field('/payload/object/id')),
  ),
  object: firstOf(field('/payload/object/uuid'), field('/payload/object/id')),
  handshakes: [
    {
      summary:
        'Validating the URL, Zoom sends `endpoint.url_validation` and gets its token back together with the HMAC-SHA-256 of it',
      method: 'POST',
      signed: true,
      async answer(request, secrets, outbound) {
        const json = smallJson(request, 'endpoint.url_validation')
        if (!isObject(json) || json['event'] !== 'endpoint.url_validation') return undefined
        const plainToken = valueAt(json, '/payload/plainToken')
        if (typeof plainToken !== 'string') return undefined
        // While secrets are rotated, the one that signed the request is the one that Zoom expects.
        for (const secret of secrets) {
          if (!(await scheme.verify(request, [secret], outbound)).ok) continue
          return answerJson({
            plainToken,
            encryptedToken: createHmac('sha256', secret).update(plainToken).digest('hex'),
          })
        }
        return undefined
      },
    },
  ],
  keptHeaders: ['X-Zm-Request-Timestamp', 'X-Zm-Trackingid'],
  recognise: (headers) => hasHeader(headers, 'x-zm-signature'),
  setup: [
    'In the Zoom App Marketplace, open the app, then **Features → Access**. Copy the secret token and save it as the secret of the webhook.',
    'Add an event subscription with the endpoint `{url}`, choose the events, and press **Validate**. Zoom repeats the validation every 72 hours.',
  ],
}
