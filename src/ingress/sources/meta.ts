import { isObject } from '../../contract/jsonObject.ts'
import { equalTexts } from '../schemes/constantTime.ts'
import { hmac } from '../schemes/hmac.ts'
import { failure } from '../schemes/scheme.ts'
import { secretField } from './fields.ts'
import { answerText, queryText } from './handshakes.ts'
import { computed, field, firstOf, valueAt } from './locator.ts'
import { hasFields, hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

/** Marks a secret that is the verify token, and nothing to sign with. */
const TOKEN = 'verify_token:'

export const meta: Source = {
  name: 'meta',
  title: 'Meta and WhatsApp',
  about: 'WhatsApp, Messenger, Instagram and the other products of Meta. One request may carry many events.',
  reference: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  scheme: hmac({
    header: 'X-Hub-Signature-256',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signed: '{body}',
    key: (secret) => (secret.startsWith(TOKEN) ? undefined : secret),
  }),
  fields: [
    secretField(
      'App secret and verify token',
      `App settings → Basic → App secret; and, as a second one, a text of your own that begins with ${TOKEN}, for the verification of the URL.`,
    ),
  ],
  event: firstOf(field('/entry/0/changes/0/field'), field('/changes/0/field'), field('/object')),
  eventId: computed('the ids of all messages and statuses', ({ payload }) => ids(payload)),
  object: firstOf(
    field('/entry/0/changes/0/value/messages/0/from'),
    field('/changes/0/value/messages/0/from'),
    field('/entry/0/messaging/0/sender/id'),
    field('/messaging/0/sender/id'),
    field('/entry/0/id'),
  ),
  batch: '/entry',
  handshakes: [
    {
      summary:
        'Verifying the URL, Meta sends GET with `hub.verify_token` and `hub.challenge`, and gets the challenge back; another token gets 403',
      method: 'GET',
      signed: false,
      answer(request, secrets) {
        const challenge = queryText(request, 'hub.challenge')
        if (queryText(request, 'hub.mode') !== 'subscribe' || challenge === undefined) return undefined
        const token = queryText(request, 'hub.verify_token') ?? ''
        const isKnown =
          token !== '' && secrets.filter((secret) => equalTexts(token, tokenOf(secret))).length > 0
        if (isKnown) return answerText(challenge)
        const expected = 'the verify token of this webhook in hub.verify_token'
        const refused = failure(
          secrets.length === 0 ? 'secret_missing' : 'signature_invalid',
          expected,
          'another verify token',
        )
        return { ...answerText('The verify token is not the one of this webhook.', 403), refused }
      },
    },
  ],
  keptHeaders: [],
  recognise: (headers, payload) =>
    hasHeader(headers, 'x-hub-signature-256') &&
    !hasHeader(headers, 'x-github-event') &&
    hasFields(payload, 'object', 'entry'),
  setup: [
    'In the [App Dashboard](https://developers.facebook.com/apps), copy the app secret from **App settings → Basic**. Save two secrets in the webhook: the app secret, and `verify_token:` followed by a random text of your own.',
    'Open **Webhooks** of the product, enter `{url}` as the callback URL and your random text as the verify token, and save. Meta verifies the URL at once.',
    'Subscribe to the fields that the agent is for. Each element of `entry` becomes a task of its own; with `split: false` all of them are one.',
  ],
}

function tokenOf(secret: string): string {
  return secret.startsWith(TOKEN) ? secret.slice(TOKEN.length) : secret
}

/** The ids of everything that a request reports; undefined when something has none. */
function ids(payload: unknown): string | undefined {
  const found: unknown[] = []
  for (const entry of isObject(payload) && 'entry' in payload ? listAt(payload, '/entry') : [payload]) {
    for (const change of listAt(entry, '/changes')) {
      for (const message of listAt(change, '/value/messages')) found.push(valueAt(message, '/id'))
      for (const status of listAt(change, '/value/statuses')) {
        const id = valueAt(status, '/id')
        found.push(typeof id === 'string' ? `${id}.${String(valueAt(status, '/status'))}` : undefined)
      }
      if (
        valueAt(change, '/value/messages') === undefined &&
        valueAt(change, '/value/statuses') === undefined
      ) {
        found.push(undefined)
      }
    }
    for (const one of listAt(entry, '/messaging')) found.push(valueAt(one, '/message/mid'))
  }
  const isComplete = found.length > 0 && found.every((id) => typeof id === 'string')
  return isComplete ? found.join(',') : undefined
}

function listAt(value: unknown, pointer: string): unknown[] {
  const list = valueAt(value, pointer)
  return Array.isArray(list) ? list : []
}
