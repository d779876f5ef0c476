import { parseExact } from '../../contract/exactJson.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { checkToken } from '../schemes/jwt.ts'
import { failure, VERIFIED, type Scheme } from '../schemes/scheme.ts'
import { secretField } from './fields.ts'
import { field, firstOf, valueAt } from './locator.ts'
import type { Source } from './source.ts'

const KEYS_URL = 'https://www.googleapis.com/oauth2/v3/certs'
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com']

const expected = 'a token of Google in the header Authorization, for a service account of this webhook'

const scheme: Scheme = {
  kind: 'JWT',
  summary:
    'a token that Google signs, in the header `Authorization`: its audience, and the email of the service account in it',
  async verify(request, secrets, outbound) {
    const { authorization = '' } = request.headers
    if (authorization === '') return failure('signature_missing', expected, 'no header Authorization')
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? []
    if (token === undefined) {
      return failure('signature_invalid', expected, 'a header Authorization that is not Bearer and a token')
    }
    const accounts = secrets.filter((secret) => secret.includes('@'))
    const audiences = secrets.filter((secret) => !secret.includes('@'))
    if (accounts.length === 0) return failure('secret_missing', expected, 'no service account is configured')
    const [withoutQuery = ''] = request.url.split('?')
    const checked = await checkToken(
      {
        token,
        keysUrl: KEYS_URL,
        issuer: ISSUERS,
        audience: audiences.length > 0 ? audiences : [request.url, withoutQuery],
        now: request.now,
        expected,
      },
      outbound,
    )
    if (!checked.ok) return checked
    const { email, email_verified: isVerified } = checked.claims
    // Google signs for everybody who has a subscription: only the account says whose it is.
    return typeof email === 'string' && isVerified === true && accounts.includes(email)
      ? VERIFIED
      : failure('sender_unknown', expected, 'a valid token of another account')
  },
}

export const googlePubsub: Source = {
  name: 'google_pubsub',
  title: 'Google Pub/Sub',
  about: 'Messages of a push subscription: Gmail, Cloud Storage, alerts, and what you publish yourself.',
  reference: 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
  scheme,
  fields: [
    secretField(
      'Service account',
      'The email of the service account of the push subscription; and its audience, as a second one, if you set another than the URL.',
    ),
  ],
  event: firstOf(field('/message/attributes/eventType'), field('/message/attributes/ce-type')),
  eventId: firstOf(field('/message/messageId'), field('/message/message_id')),
  object: firstOf(field('/message/attributes/objectId'), field('/message/orderingKey')),
  unpack: decodeMessage,
  keptHeaders: [],
  recognise: (_headers, payload) =>
    valueAt(payload, '/message/messageId') !== undefined && valueAt(payload, '/subscription') !== undefined,
  setup: [
    'Create a push subscription of the topic with the endpoint `{url}`, **enable authentication**, and choose a service account.',
    'Save the email of that service account as the secret of the webhook. Leave the audience empty, or save it as a second secret.',
    'Leave **payload unwrapping** off. `message.data` reaches the agent decoded.',
  ],
}

/** The message with its data as JSON, or else as text. Data that is neither stays in base64. */
function decodeMessage(payload: unknown): unknown {
  const message = valueAt(payload, '/message')
  if (!isObject(payload) || !isObject(message) || typeof message['data'] !== 'string') return payload
  const bytes = Buffer.from(message['data'], 'base64')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return payload
  }
  let data: unknown = text
  try {
    data = parseExact(text)
  } catch {
    // It is plain text.
  }
  return { ...payload, message: { ...message, data } }
}
