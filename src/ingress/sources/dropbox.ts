import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { answerText, queryText } from './handshakes.ts'
import { field } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const dropbox: Source = {
  name: 'dropbox',
  title: 'Dropbox',
  about: 'Notifications that files of an account have changed.',
  reference: 'https://www.dropbox.com/developers/reference/webhooks',
  scheme: hmac({ header: 'X-Dropbox-Signature', algorithm: 'sha256', encoding: 'hex', signed: '{body}' }),
  fields: [secretField('App secret', 'Settings of the app in the App Console.')],
  object: field('/list_folder/accounts/0'),
  handshakes: [
    {
      summary: 'On adding the URL, Dropbox sends GET with a `challenge` and gets it back as text',
      method: 'GET',
      signed: false,
      answer(request) {
        const challenge = queryText(request, 'challenge')
        return challenge === undefined ? undefined : answerText(challenge)
      },
    },
  ],
  keptHeaders: [],
  recognise: (headers) => hasHeader(headers, 'x-dropbox-signature'),
  notes: [
    'Dropbox signs no time and sends no id: a copied request can be sent again, and starts another task. `"dedupe": {"from": "body"}` makes the same body the same task; with it, a second change within `ttl_seconds` that Dropbox reports with the same body starts nothing, so set few seconds, such as 60.',
  ],
  setup: [
    'In the [App Console](https://www.dropbox.com/developers/apps), open the app and copy its app secret. Save it as the secret of the webhook.',
    'Under **Webhooks**, add the URL `{url}`. Dropbox verifies it at once.',
    'A notification says only which accounts changed: the agent needs a tool that lists the changes.',
  ],
}
