import { bodyJson } from '../schemes/bodyJson.ts'
import { checkToken } from '../schemes/jwt.ts'
import { failure, VERIFIED, type Scheme, type SignedRequest } from '../schemes/scheme.ts'
import { sharedSecret } from '../schemes/sharedSecret.ts'
import { secretField } from './fields.ts'
import { answerText, queryText } from './handshakes.ts'
import { fieldOfEach, firstOf, valueAt } from './locator.ts'
import type { Source } from './source.ts'

/** Marks a secret that is the id of the application which subscribed. */
const APP = 'app:'
const KEYS_URL = 'https://login.microsoftonline.com/common/discovery/v2.0/keys'
const ISSUER = /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\/[0-9a-f-]{36}(?:\/v2\.0|\/)?$/
/** The application that is Microsoft Graph's publisher of notifications. */
const PUBLISHER = '0bf30f3b-4a52-48df-9a82-234910c4a086'

const clientState = sharedSecret({ find: readClientState, text: '`clientState` of every notification' })

const scheme: Scheme = {
  kind: 'shared secret',
  summary: `${clientState.summary}; of notifications with resource data, where the id of the application is saved, the \`validationTokens\` as well`,
  async verify(request, secrets, outbound) {
    const apps = secrets.filter((one) => one.startsWith(APP)).map((one) => one.slice(APP.length))
    const states = secrets.filter((one) => !one.startsWith(APP))
    if (states.length > 0 || apps.length === 0) {
      const verification = await clientState.verify(request, states, outbound)
      if (!verification.ok) return verification
    }
    const tokens = readTokens(request)
    if (apps.length === 0 || (tokens.length === 0 && states.length > 0)) return VERIFIED
    const expected = 'validationTokens that Microsoft signed for the application of this webhook'
    if (tokens.length === 0) return failure('signature_missing', expected, 'no validationTokens')
    for (const token of tokens) {
      const checked = await checkToken(
        { token, keysUrl: KEYS_URL, audience: apps, now: request.now, expected },
        outbound,
      )
      if (!checked.ok) return checked
      const { iss, azp, appid } = checked.claims
      if (!ISSUER.test(iss ?? '') || (azp ?? appid) !== PUBLISHER) {
        return failure('sender_unknown', expected, 'a token of another application')
      }
    }
    return VERIFIED
  },
}

export const microsoftGraph: Source = {
  name: 'microsoft_graph',
  title: 'Microsoft Graph',
  about:
    'Change notifications: mail, calendars, Teams, OneDrive, SharePoint, users. One request may carry many.',
  reference: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks',
  scheme,
  fields: [
    secretField(
      'Client state',
      `The clientState that you give when you subscribe. For notifications with resource data also ${APP} followed by the id of the application.`,
      { required: false },
    ),
  ],
  event: firstOf(fieldOfEach('/value', '/changeType'), fieldOfEach('/value', '/lifecycleEvent')),
  eventId: fieldOfEach('/value', '/id'),
  object: fieldOfEach('/value', '/resource'),
  batch: '/value',
  handshakes: [
    {
      summary: 'On subscribing, Graph sends a `validationToken` in the query and gets it back as text',
      method: 'POST',
      signed: false,
      answer(request) {
        const token = queryText(request, 'validationToken')
        return token === undefined ? undefined : answerText(token)
      },
    },
  ],
  keptHeaders: ['client-request-id'],
  recognise: (_headers, payload) => valueAt(payload, '/value/0/subscriptionId') !== undefined,
  setup: [
    'Save a long random text as the secret of the webhook.',
    'Create a subscription with `POST https://graph.microsoft.com/v1.0/subscriptions`: `notificationUrl` is `{url}`, `clientState` the random text; give `lifecycleNotificationUrl` the same URL. Graph verifies the URL at once.',
    'Subscriptions expire, most of them within days: renew them with PATCH before.',
    'Each notification of a request becomes a task of its own; with `split: false` all of them are one.',
  ],
}

/** What all notifications have in common; undefined when one of them has another or none. */
function readClientState(request: SignedRequest): string | undefined {
  const list = valueAt(bodyJson(request.rawBody), '/value')
  if (!Array.isArray(list)) return undefined
  const states = new Set(list.map((one) => valueAt(one, '/clientState')))
  const [state] = states
  return states.size === 1 && typeof state === 'string' ? state : undefined
}

function readTokens(request: SignedRequest): string[] {
  const list = valueAt(bodyJson(request.rawBody), '/validationTokens')
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string').slice(0, 20) : []
}
