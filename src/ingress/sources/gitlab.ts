import { anyOf } from '../schemes/anyOf.ts'
import { sharedSecret } from '../schemes/sharedSecret.ts'
import { standardHmac } from '../schemes/standardWebhooks.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

const SIGNING_TOKEN = /^whsec_[A-Za-z0-9+/_-]+={0,2}$/

export const gitlab: Source = {
  name: 'gitlab',
  title: 'GitLab',
  about: 'Events of projects and groups, on gitlab.com and on servers of your own.',
  reference: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  scheme: anyOf(
    'shared secret',
    sharedSecret({ header: 'X-Gitlab-Token' }),
    standardHmac((secret) =>
      SIGNING_TOKEN.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64') : undefined,
    ),
  ),
  fields: [
    secretField(
      'Secret token, or signing token',
      'The token that you enter when you add the webhook at GitLab; a signing token begins with whsec_.',
      { required: false },
    ),
  ],
  event: header('X-Gitlab-Event'),
  eventId: header('webhook-id', 'Idempotency-Key'),
  object: firstOf(field('/issue/url'), field('/merge_request/url'), field('/object_attributes/url')),
  part: field('/object_attributes/url'),
  keptHeaders: [
    'X-Gitlab-Event',
    'X-Gitlab-Event-UUID',
    'X-Gitlab-Instance',
    'webhook-id',
    'webhook-timestamp',
  ],
  recognise: (headers) => hasHeader(headers, 'x-gitlab-event'),
  setup: [
    'In the project or group, open **Settings → Webhooks → Add new webhook**.',
    'URL: `{url}`. Enter a long random text as the secret token, or, where GitLab offers one, generate a signing token, which also protects the body. Save the same value as the secret of the webhook.',
    'Choose the events that the agent is for, and save.',
  ],
}
