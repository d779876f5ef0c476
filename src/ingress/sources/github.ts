import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const github: Source = {
  name: 'github',
  title: 'GitHub',
  about: 'Events of repositories, organizations and GitHub Apps.',
  reference: 'https://docs.github.com/en/webhooks',
  scheme: hmac({
    header: 'X-Hub-Signature-256',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signed: '{body}',
  }),
  fields: [secretField('Secret', 'The secret that you enter when you add the webhook at GitHub.')],
  event: header('X-GitHub-Event'),
  eventId: header('X-GitHub-Delivery'),
  object: firstOf(
    field('/issue/html_url'),
    field('/pull_request/html_url'),
    field('/discussion/html_url'),
    field('/release/html_url'),
    field('/workflow_run/html_url'),
    field('/check_run/html_url'),
    field('/compare'),
  ),
  part: firstOf(field('/comment/html_url'), field('/review/html_url')),
  keptHeaders: [
    'X-GitHub-Event',
    'X-GitHub-Delivery',
    'X-GitHub-Hook-ID',
    'X-GitHub-Hook-Installation-Target-ID',
    'X-GitHub-Hook-Installation-Target-Type',
  ],
  recognise: (headers) => hasHeader(headers, 'x-github-event'),
  setup: [
    'In the repository or organization, open **Settings → Webhooks → Add webhook**.',
    'Payload URL: `{url}`. Content type: `application/json`.',
    'Secret: a long random text, the same as the secret of the webhook in Bellwire.',
    'Choose the events that the agent is for, and save. GitHub sends a `ping` at once: a filter such as `event == "issues" && payload.action == "opened"` keeps it from starting the agent.',
  ],
}
