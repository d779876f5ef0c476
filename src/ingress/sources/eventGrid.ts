import { sharedSecret } from '../schemes/sharedSecret.ts'
import { webhookOrigin } from './cloudevents.ts'
import { secretField } from './fields.ts'
import { answerJson, smallJson } from './handshakes.ts'
import { fieldOfEach, firstOf, header, valueAt } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const eventGrid: Source = {
  name: 'event_grid',
  title: 'Azure Event Grid',
  about: 'Events of Azure services and of your own topics. One request may carry many.',
  reference: 'https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema',
  scheme: sharedSecret({ header: 'X-Webhook-Secret' }, { query: 'secret' }, { authorization: true }),
  fields: [
    secretField(
      'Secret',
      'Any text, which you add to the subscription as the delivery property X-Webhook-Secret, or to the URL as ?secret=.',
      { required: false },
    ),
  ],
  event: firstOf(fieldOfEach('', '/eventType'), fieldOfEach('', '/type'), header('ce-type')),
  eventId: firstOf(fieldOfEach('', '/id'), header('ce-id')),
  object: firstOf(fieldOfEach('', '/subject'), header('ce-subject')),
  batch: '',
  handshakes: [
    {
      summary:
        'On subscribing, Event Grid sends a `SubscriptionValidation` event and gets its `validationCode` back',
      method: 'POST',
      signed: true,
      answer(request) {
        if (request.headers['aeg-event-type'] !== 'SubscriptionValidation') return undefined
        const code = valueAt(smallJson(request, 'validationCode'), '/0/data/validationCode')
        return typeof code === 'string' ? answerJson({ validationResponse: code }) : undefined
      },
    },
    webhookOrigin,
  ],
  keptHeaders: [
    'aeg-event-type',
    'aeg-subscription-name',
    'aeg-delivery-count',
    'aeg-data-version',
    'ce-id',
    'ce-type',
    'ce-source',
    'ce-subject',
    'ce-time',
  ],
  recognise: (headers) => hasHeader(headers, 'aeg-event-type'),
  setup: [
    'In the Azure portal, open the topic or resource, then **Events → Event Subscription**, with the endpoint type **Web Hook** and the endpoint `{url}`. Event Grid verifies it at once; both its own schema and CloudEvents work.',
    'To verify the sender, add the delivery property `X-Webhook-Secret` with a long random text, marked as secret, and save the same text as the secret of the webhook.',
    'In its own schema Event Grid sends an array. Each event becomes a task of its own; with `split: false` all of them are one.',
  ],
}
