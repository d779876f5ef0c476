import { sharedSecret } from '../schemes/sharedSecret.ts'
import { secretField } from './fields.ts'
import { HEADERS } from './handshakes.ts'
import { field, fieldOfEach, firstOf, header, joined } from './locator.ts'
import { hasFields, hasHeader } from './recognise.ts'
import type { Handshake, Source } from './source.ts'

const ORIGIN = /^[A-Za-z0-9.:*-]{1,253}$/

/** The abuse protection of "HTTP 1.1 Web Hooks for Event Delivery". */
export const webhookOrigin: Handshake = {
  summary:
    'Before it sends events, the sender may ask with OPTIONS and `WebHook-Request-Origin`, and is allowed with `WebHook-Allowed-Origin`',
  method: 'OPTIONS',
  signed: false,
  answer({ headers }) {
    const origin = headers['webhook-request-origin']
    if (typeof origin !== 'string' || !ORIGIN.test(origin)) return undefined
    const rate = headers['webhook-request-rate']
    return {
      status: 200,
      headers: {
        ...HEADERS,
        allow: 'POST',
        'webhook-allowed-origin': origin,
        ...(typeof rate === 'string' ? { 'webhook-allowed-rate': /^\d{1,9}$/.test(rate) ? rate : '*' } : {}),
      },
      body: '',
    }
  },
}

export const cloudevents: Source = {
  name: 'cloudevents',
  title: 'CloudEvents',
  about: 'Every sender of CloudEvents over HTTP: structured, binary and batched.',
  reference: 'https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md',
  scheme: sharedSecret({ authorization: true }, { query: 'access_token' }),
  fields: [
    secretField('Access token', 'The token that the sender sends along, if it has one.', { required: false }),
  ],
  event: firstOf(header('ce-type'), fieldOfEach('', '/type')),
  eventId: firstOf(
    joined(header('ce-source'), header('ce-id')),
    joined(field('/source'), field('/id')),
    fieldOfEach('', '/id'),
  ),
  object: firstOf(header('ce-subject'), fieldOfEach('', '/subject')),
  handshakes: [webhookOrigin],
  keptHeaders: ['ce-id', 'ce-source', 'ce-type', 'ce-subject', 'ce-time', 'ce-specversion', 'ce-dataschema'],
  recognise: (headers, payload) =>
    hasHeader(headers, 'ce-specversion') || hasFields(payload, 'specversion', 'type', 'source'),
  setup: [
    'Give the sender the URL `{url}`. It may send single events in structured or binary form, or batches.',
    'If it can send an access token, as `Authorization: Bearer TOKEN` or as `?access_token=TOKEN`, save the token as the secret of the webhook.',
  ],
}
