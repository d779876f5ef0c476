import { bodyJson } from '../schemes/bodyJson.ts'
import { hmac } from '../schemes/hmac.ts'
import type { SignedRequest } from '../schemes/scheme.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header, valueAt } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const linear: Source = {
  name: 'linear',
  title: 'Linear',
  about: 'Issues, comments, projects and cycles of a workspace.',
  reference: 'https://linear.app/developers/webhooks',
  scheme: hmac({
    header: 'Linear-Signature',
    algorithm: 'sha256',
    encoding: 'hex',
    signed: '{body}',
    time: { find: findTime, name: '`webhookTimestamp` of the body', toleranceSeconds: 60 },
  }),
  fields: [secretField('Signing secret', 'Shown on the page of the webhook in Linear; begins with lin_wh_.')],
  event: firstOf(header('Linear-Event'), field('/type')),
  eventId: header('Linear-Delivery'),
  object: firstOf(field('/data/issueId'), field('/data/issue/id'), field('/data/id')),
  part: field('/data/id'),
  keptHeaders: ['Linear-Delivery', 'Linear-Event'],
  recognise: (headers) => hasHeader(headers, 'linear-signature', 'linear-event'),
  setup: [
    'In Linear, open **Settings → Administration → API → Webhooks** and create a webhook with the URL `{url}`.',
    'Choose the resource types that the agent is for.',
    'Copy the signing secret, and save it as the secret of the webhook.',
  ],
}

/** Linear puts the time into the body alone. */
function findTime({ rawBody }: SignedRequest): string | undefined {
  const time = valueAt(bodyJson(rawBody), '/webhookTimestamp')
  return typeof time === 'number' ? String(time) : undefined
}
