import { isObject } from '../../contract/jsonObject.ts'
import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { answerText, smallJson } from './handshakes.ts'
import { field, firstOf, joined } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const slack: Source = {
  name: 'slack',
  title: 'Slack',
  about: 'Events API, slash commands and interactive components of an app.',
  reference: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  scheme: hmac({
    header: 'X-Slack-Signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    signed: 'v0:{timestamp}:{body}',
    time: { header: 'X-Slack-Request-Timestamp', toleranceSeconds: 300 },
  }),
  fields: [secretField('Signing secret', 'Basic Information → App Credentials of the app.')],
  event: firstOf(field('/event/type'), field('/command'), field('/type')),
  eventId: firstOf(field('/event_id'), field('/trigger_id')),
  object: firstOf(
    joined(field('/event/channel'), firstOf(field('/event/thread_ts'), field('/event/ts'))),
    joined(field('/event/item/channel'), field('/event/item/ts')),
    field('/channel/id'),
    field('/channel_id'),
  ),
  part: field('/event/ts'),
  handshakes: [
    {
      summary: 'When the request URL is saved, Slack sends `url_verification` and gets the challenge back',
      method: 'POST',
      signed: true,
      answer(request) {
        const json = smallJson(request, 'url_verification')
        if (!isObject(json) || json['type'] !== 'url_verification') return undefined
        const challenge = json['challenge']
        return typeof challenge === 'string' ? answerText(challenge) : undefined
      },
    },
  ],
  keptHeaders: ['X-Slack-Request-Timestamp', 'X-Slack-Retry-Num', 'X-Slack-Retry-Reason'],
  recognise: (headers) => hasHeader(headers, 'x-slack-signature', 'x-slack-request-timestamp'),
  setup: [
    'At [api.slack.com/apps](https://api.slack.com/apps), open the app, then **Basic Information**. Copy the signing secret and save it as the secret of the webhook.',
    'Open **Event Subscriptions**, switch events on, and enter `{url}` as the request URL. Slack verifies it at once, so the secret must be saved before.',
    'Subscribe to bot events such as `app_mention` and `message.im`, save, and install the app again.',
    'For slash commands and interactive components, enter the same URL there.',
  ],
}
