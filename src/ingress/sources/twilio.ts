import { createHash } from 'node:crypto'
import { parseFields } from '../payload/fields.ts'
import { hasMoreFields } from '../payload/urlencoded.ts'
import { equalTexts } from '../schemes/constantTime.ts'
import { hmac } from '../schemes/hmac.ts'
import type { SignedRequest } from '../schemes/scheme.ts'
import type { Message } from '../schemes/signedTemplate.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const twilio: Source = {
  name: 'twilio',
  title: 'Twilio',
  about: 'Messages, calls and their status, as forms or as JSON.',
  reference: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  scheme: hmac({
    header: 'X-Twilio-Signature',
    algorithm: 'sha1',
    encoding: 'base64',
    signed: { messages, text: 'the public URL and the sorted fields of the form' },
  }),
  fields: [secretField('Auth token', 'Account Dashboard → Account Info → Auth Token.')],
  event: firstOf(
    field('/EventType'),
    field('/MessageStatus'),
    field('/SmsStatus'),
    field('/CallStatus'),
    field('/type'),
  ),
  eventId: header('I-Twilio-Idempotency-Token'),
  object: firstOf(field('/MessageSid'), field('/CallSid'), field('/ConversationSid'), field('/SmsSid')),
  keptHeaders: ['I-Twilio-Idempotency-Token'],
  recognise: (headers) => hasHeader(headers, 'x-twilio-signature'),
  setup: [
    'Twilio signs the URL as it calls it, so `BELLWIRE_PUBLIC_URL` must be the address that Twilio uses.',
    'In the Twilio Console, open the phone number, messaging service or product, and enter `{url}` as its webhook, with the method HTTP POST.',
    'Copy the auth token from the account dashboard and save it as the secret of the webhook. While you promote a secondary token, save both.',
  ],
}

/** Twilio sends far less; a longer form is not sorted before it is verified. */
const MAX_FORM_BYTES = 1024 * 1024
const MAX_FIELDS = 10_000

/**
 * What Twilio may have signed: the URL with and without its port, followed by the fields of a form, sorted, each name
 * with its value. Of another body the URL carries the hash.
 */
function messages(request: SignedRequest): Message[] {
  const { rawBody, query, headers } = request
  const hash = query['bodySHA256']
  if (hash !== undefined) {
    const isBody =
      typeof hash === 'string' &&
      equalTexts(createHash('sha256').update(rawBody).digest('hex'), hash.toLowerCase())
    return isBody ? urls(request.url).map((url) => [url]) : []
  }
  if (rawBody.length === 0) return urls(request.url).map((url) => [url])
  // Of anything but a form the signature would not cover the body.
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')) return []
  if (rawBody.length > MAX_FORM_BYTES || hasMoreFields(rawBody, MAX_FIELDS)) return []
  const fields = sortedFields(parseFields(rawBody.toString()))
  return urls(request.url).map((url) => [url, fields])
}

function sortedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].toSorted()
  return names
    .flatMap((name) => [...new Set(form.getAll(name))].toSorted().map((value) => name + value))
    .join('')
}

function urls(url: string): string[] {
  const [, scheme = '', host = '', port, rest = ''] = /^(https?):\/\/([^/:?]+)(:\d+)?(.*)$/s.exec(url) ?? []
  if (scheme === '') return [url]
  const standard = scheme === 'https' ? ':443' : ':80'
  return [url, `${scheme}://${host}${port === undefined ? standard : ''}${rest}`]
}
