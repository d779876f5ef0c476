import { crc32 } from 'node:zlib'
import { checkCertificateSignature } from '../schemes/certificate.ts'
import { failure, readHeader, VERIFIED, type Scheme } from '../schemes/scheme.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

const HEADERS = {
  id: 'PayPal-Transmission-Id',
  time: 'PayPal-Transmission-Time',
  signature: 'PayPal-Transmission-Sig',
  certificate: 'PayPal-Cert-Url',
  algorithm: 'PayPal-Auth-Algo',
} as const

const expected = `an RSA-SHA-256 signature in ${HEADERS.signature}, made for a webhook id of this webhook`

const scheme: Scheme = {
  kind: 'certificate',
  summary: `an RSA-SHA-256 signature over transmission id, time, webhook id and the CRC-32 of the body, in the header \`${HEADERS.signature}\`, by the certificate that \`${HEADERS.certificate}\` names on a host of PayPal`,
  async verify(request, secrets, outbound) {
    const read = (name: string) => readHeader(request.headers, [name])?.value
    for (const name of Object.values(HEADERS)) {
      if (read(name) === undefined) return failure('signature_missing', expected, `no header ${name}`)
    }
    if (read(HEADERS.algorithm) !== 'SHA256withRSA') {
      return failure('signature_invalid', expected, 'a signature of another algorithm')
    }
    if (secrets.length === 0) return failure('secret_missing', expected, 'no webhook id is configured')
    let refused = failure('signature_invalid', expected, 'nothing that could be checked')
    for (const webhookId of secrets) {
      const failed = await checkCertificateSignature(
        {
          url: read(HEADERS.certificate) ?? '',
          isProviders: ({ hostname, pathname }) =>
            /^api(?:-m)?(?:\.sandbox)?\.paypal\.com$/.test(hostname) &&
            /^\/v1\/notifications\/certs\/[A-Za-z0-9-]+$/.test(pathname),
          hash: 'sha256',
          message: [read(HEADERS.id), read(HEADERS.time), webhookId, crc32(request.rawBody)].join('|'),
          signature: read(HEADERS.signature) ?? '',
          now: request.now,
          expected,
        },
        outbound,
      )
      if (!failed) return VERIFIED
      refused = failed
    }
    return refused
  },
}

export const paypal: Source = {
  name: 'paypal',
  title: 'PayPal',
  about: 'Payments, disputes, subscriptions and payouts of a REST app.',
  reference: 'https://developer.paypal.com/api/rest/webhooks/',
  scheme,
  fields: [secretField('Webhook id', 'Shown in the list of webhooks of the app once the URL is saved.')],
  event: field('/event_type'),
  eventId: firstOf(field('/id'), header(HEADERS.id)),
  object: field('/resource/id'),
  keptHeaders: [HEADERS.id, HEADERS.time, HEADERS.algorithm],
  recognise: (headers) => hasHeader(headers, 'paypal-transmission-sig'),
  setup: [
    'In the PayPal Developer Dashboard, open **Apps & Credentials**, choose the app and add a webhook with the URL `{url}` and the event types that the agent is for.',
    'Copy the **webhook id** from the list, and save it as the secret of the webhook: PayPal signs it along.',
  ],
}
