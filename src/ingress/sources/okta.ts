import { sharedSecret } from '../schemes/sharedSecret.ts'
import { secretField } from './fields.ts'
import { answerJson } from './handshakes.ts'
import { field, fieldOfEach, firstOf } from './locator.ts'
import { hasFields } from './recognise.ts'
import type { Source } from './source.ts'

export const okta: Source = {
  name: 'okta',
  title: 'Okta',
  about: 'Event hooks: users, groups, applications and sign-ins. One request may carry many events.',
  reference: 'https://developer.okta.com/docs/concepts/event-hooks/',
  scheme: sharedSecret({ authorization: true }, { header: 'X-Webhook-Secret' }),
  fields: [
    secretField(
      'Authentication secret',
      'The value that you enter as authentication secret of the event hook.',
      { required: false },
    ),
  ],
  event: fieldOfEach('/data/events', '/eventType'),
  eventId: firstOf(field('/eventId'), fieldOfEach('/data/events', '/uuid')),
  object: firstOf(field('/data/events/0/target/0/id'), field('/target/0/id')),
  batch: '/data/events',
  handshakes: [
    {
      summary:
        'On verifying the hook, Okta sends GET with `X-Okta-Verification-Challenge` and gets it back as `verification`',
      method: 'GET',
      signed: false,
      answer({ headers }) {
        const challenge = headers['x-okta-verification-challenge']
        return typeof challenge === 'string' && challenge !== ''
          ? answerJson({ verification: challenge })
          : undefined
      },
    },
  ],
  keptHeaders: [],
  recognise: (_headers, payload) => hasFields(payload, 'eventTypeVersion', 'cloudEventsVersion', 'eventType'),
  setup: [
    'In the Okta Admin Console, open **Workflow → Event Hooks → Create Event Hook** and enter the URL `{url}`.',
    'Authentication field: `Authorization`. Authentication secret: a long random text, which you also save as the secret of the webhook.',
    'Choose the events, save, and press **Verify**. Each event of a request becomes a task of its own; with `split: false` all of them are one.',
  ],
}
