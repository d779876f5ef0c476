import type { HmacSettings } from '../../contract/hmacSettings.ts'
import { hmac as hmacScheme } from '../schemes/hmac.ts'
import type { Scheme } from '../schemes/scheme.ts'
import { readList, readPairs } from '../schemes/signatureHeader.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import type { Source } from './source.ts'

const DEFAULT_TOLERANCE_SECONDS = 300
const DEFAULTS: HmacSettings = {
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  signed: '{body}',
}

export const hmac: Source = {
  name: 'hmac',
  title: 'Any HMAC signature',
  about: 'A sender that signs its requests with a shared secret in a way of its own.',
  scheme: schemeOf(DEFAULTS),
  configure: schemeOf,
  fields: [
    secretField('Secret', 'The secret that the sender signs with.'),
    {
      name: 'hmac',
      label: 'Signature',
      hint: 'The header, the algorithm, the encoding and what the signature covers, as the sender describes them.',
      required: false,
    },
  ],
  event: firstOf(header('X-Event-Type', 'X-Event'), field('/type'), field('/event')),
  eventId: firstOf(header('X-Event-Id', 'X-Delivery-Id', 'X-Webhook-Id', 'Webhook-Id'), field('/event_id')),
  keptHeaders: [
    'X-Event-Type',
    'X-Event',
    'X-Event-Id',
    'X-Delivery-Id',
    'X-Webhook-Id',
    'X-Timestamp',
    'Webhook-Id',
  ],
  recognise: () => false,
  notes: [
    'A signature that covers no time stays valid: a copied request can be sent again, and starts another task if it has no id. If the sender signs a time, set `timestamp_header`, and use `{timestamp}` in `signed`. Otherwise set `"dedupe": {"from": "body"}`: the same body is then the same task for seven days, or for `ttl_seconds`. Until one of the two is set, the webhook has a line in `warnings`.',
    'The id of an event is not part of most signatures. Where it comes in a header that is not signed, a copied request with another id starts another task, too; `"dedupe": {"from": "body"}` prevents that as well.',
  ],
  setup: [
    'At the sender, add `{url}` with a secret, and save the same secret in the webhook.',
    'Look up which header holds the signature, what it covers and how it is encoded, and set `hmac` accordingly.',
  ],
}

/**
 * Makes the scheme of what an operator says about a signature.
 *
 * @throws Error with a sentence that says what is wrong
 */
function schemeOf(settings: HmacSettings): Scheme {
  const { header, algorithm, encoding, prefix = '', signed, timestamp_header, tolerance_seconds } = settings
  if (tolerance_seconds !== undefined && timestamp_header === undefined) {
    throw new Error('tolerance_seconds has no effect without timestamp_header')
  }
  if (signed.includes('{timestamp}') && timestamp_header === undefined) {
    throw new Error('"signed" contains {timestamp}, so timestamp_header must say where it is')
  }
  const isInSignatureHeader = timestamp_header?.toLowerCase() === header.toLowerCase()
  return hmacScheme({
    header,
    algorithm,
    encoding,
    prefix,
    signed,
    read: (value) =>
      isInSignatureHeader
        ? readPairs(value, { timestamp: 't', signature: prefix === '' ? 'v1' : prefix.replace(/=$/, '') })
        : readList(value, prefix),
    ...(timestamp_header === undefined
      ? {}
      : {
          time: {
            header: isInSignatureHeader ? [] : timestamp_header,
            toleranceSeconds: tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
          },
        }),
  })
}
