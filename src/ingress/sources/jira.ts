import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasFields, hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const jira: Source = {
  name: 'jira',
  title: 'Jira',
  about: 'Issues, comments, sprints and versions, in the cloud and in data centers.',
  reference: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/',
  scheme: hmac({
    header: 'X-Hub-Signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signed: '{body}',
  }),
  fields: [
    secretField('Secret', 'The secret that you enter, or that Jira generates, when you create the webhook.', {
      required: false,
    }),
  ],
  event: field('/webhookEvent'),
  eventId: header('X-Atlassian-Webhook-Identifier'),
  object: firstOf(
    field('/issue/self'),
    field('/sprint/self'),
    field('/version/self'),
    field('/project/self'),
  ),
  part: field('/comment/self'),
  keptHeaders: [
    'X-Atlassian-Webhook-Identifier',
    'X-Atlassian-Webhook-Retry',
    'X-Atlassian-Webhook-Flow',
    'X-Atlassian-Webhook-Trace',
  ],
  recognise: (headers, payload) =>
    hasHeader(headers, 'x-atlassian-webhook-identifier') || hasFields(payload, 'webhookEvent', 'timestamp'),
  setup: [
    'As an administrator of Jira, open **System → WebHooks → Create a WebHook** and enter the URL `{url}`.',
    'Enter or generate a secret, and save the same as the secret of the webhook. Without one Jira does not sign, and tasks are not marked as verified.',
    'Choose the events and, with JQL, the issues that the agent is for.',
  ],
}
