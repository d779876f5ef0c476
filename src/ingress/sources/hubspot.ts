import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { fieldOfEach } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const hubspot: Source = {
  name: 'hubspot',
  title: 'HubSpot',
  about: 'Contacts, companies, deals and tickets of an app. One request carries many events.',
  reference:
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
  scheme: hmac({
    header: 'X-HubSpot-Signature-v3',
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{method}{url}{body}{timestamp}',
    time: { header: 'X-HubSpot-Request-Timestamp', toleranceSeconds: 300 },
  }),
  fields: [secretField('Client secret', 'Auth tab of the app.')],
  event: fieldOfEach('', '/subscriptionType'),
  eventId: fieldOfEach('', '/eventId'),
  object: fieldOfEach('', '/objectId'),
  batch: '',
  keptHeaders: ['X-HubSpot-Request-Timestamp'],
  recognise: (headers) => hasHeader(headers, 'x-hubspot-signature-v3', 'x-hubspot-signature'),
  setup: [
    'HubSpot signs the URL as it calls it, so `BELLWIRE_PUBLIC_URL` must be the address that HubSpot uses.',
    'Open the app, then **Webhooks**, enter `{url}` as the target URL, and create subscriptions for the events that the agent is for.',
    'Copy the client secret from the **Auth** tab, and save it as the secret of the webhook.',
    'HubSpot collects events and sends them as an array. Each of them becomes a task of its own; with `split: false` all of them are one.',
  ],
}
