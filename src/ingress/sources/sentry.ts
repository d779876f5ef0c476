import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const sentry: Source = {
  name: 'sentry',
  title: 'Sentry',
  about: 'Alerts, issues, errors and comments, on sentry.io and on servers of your own.',
  reference: 'https://docs.sentry.io/integrations/integration-platform/webhooks/',
  scheme: hmac({ header: 'Sentry-Hook-Signature', algorithm: 'sha256', encoding: 'hex', signed: '{body}' }),
  fields: [secretField('Client secret', 'Credentials of the internal integration.')],
  event: header('Sentry-Hook-Resource'),
  eventId: header('Request-ID'),
  object: firstOf(
    field('/data/issue/web_url'),
    field('/data/issue/permalink'),
    field('/data/event/issue_url'),
    field('/data/error/issue_url'),
    field('/data/metric_alert/web_url'),
    field('/data/issue_id'),
    field('/data/web_url'),
  ),
  part: field('/data/comment_id'),
  keptHeaders: ['Request-ID', 'Sentry-Hook-Resource', 'Sentry-Hook-Timestamp'],
  recognise: (headers) => hasHeader(headers, 'sentry-hook-resource'),
  setup: [
    'In Sentry, open **Settings → Developer Settings → Custom Integrations** and create an internal integration with the webhook URL `{url}`.',
    'Switch **Alert Rule Action** on to use it in alerts, and enable the resources that the agent is for.',
    'Copy the client secret, and save it as the secret of the webhook.',
    'Add the integration as an action to the alert rules that should start the agent.',
  ],
}
