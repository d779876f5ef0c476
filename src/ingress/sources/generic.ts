import { sharedSecret } from '../schemes/sharedSecret.ts'
import { secretField } from './fields.ts'
import type { Source } from './source.ts'

export const generic: Source = {
  name: 'generic',
  title: 'Anything that sends HTTP',
  about:
    'Any system that can send an HTTP request; the URL itself is the secret, and another one can be added.',
  scheme: sharedSecret({ authorization: true }, { header: 'X-Webhook-Secret' }, { query: 'secret' }),
  fields: [secretField('Secret', 'Any text. Requests that do not send it are refused.', { required: false })],
  keptHeaders: [],
  recognise: () => false,
  setup: [
    'Send an HTTP POST with a JSON body to `{url}`.',
    'If you set a secret, send it as `Authorization: Bearer SECRET`, as the header `X-Webhook-Secret`, or, where a sender can set no header, as `?secret=SECRET`.',
    'Send an `Idempotency-Key` if the sender repeats requests: a repeated key starts nothing.',
  ],
}
