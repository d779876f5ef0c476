import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field } from './locator.ts'
import { hasFields, hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const intercom: Source = {
  name: 'intercom',
  title: 'Intercom',
  about: 'Conversations, contacts, tickets and the other topics of an app.',
  reference: 'https://developers.intercom.com/docs/webhooks',
  scheme: hmac({
    header: 'X-Hub-Signature',
    algorithm: 'sha1',
    encoding: 'hex',
    prefix: 'sha1=',
    signed: '{body}',
  }),
  fields: [secretField('Client secret', 'Basic information of the app in the Developer Hub.')],
  event: field('/topic'),
  eventId: field('/id'),
  object: field('/data/item/id'),
  keptHeaders: [],
  recognise: (headers, payload) =>
    hasHeader(headers, 'x-hub-signature') && hasFields(payload, 'topic', 'app_id'),
  setup: [
    'In the [Developer Hub](https://app.intercom.com/a/developer-signup), open the app and copy the client secret from **Basic information**. Save it as the secret of the webhook.',
    'Open **Webhooks**, enter `{url}`, and subscribe to the topics that the agent is for. Intercom checks the URL with a HEAD request, which Bellwire answers.',
  ],
}
