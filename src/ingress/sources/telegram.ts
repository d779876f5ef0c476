import { isObject } from '../../contract/jsonObject.ts'
import { sharedSecret } from '../schemes/sharedSecret.ts'
import { secretField } from './fields.ts'
import { computed, field, firstOf } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const telegram: Source = {
  name: 'telegram',
  title: 'Telegram',
  about: 'Messages and other updates of a bot.',
  reference: 'https://core.telegram.org/bots/api#setwebhook',
  scheme: sharedSecret({ header: 'X-Telegram-Bot-Api-Secret-Token' }),
  fields: [
    secretField('Secret token', 'A text of your own, which you give to setWebhook as secret_token.', {
      required: false,
      check: (secret) =>
        /^[A-Za-z0-9_-]{1,256}$/.test(secret)
          ? undefined
          : 'may hold letters, digits, _ and -, 256 characters at most',
    }),
  ],
  event: computed('the field beside `update_id`', ({ payload }) =>
    isObject(payload) ? Object.keys(payload).find((name) => name !== 'update_id') : undefined,
  ),
  eventId: field('/update_id'),
  object: firstOf(
    field('/message/chat/id'),
    field('/edited_message/chat/id'),
    field('/channel_post/chat/id'),
    field('/callback_query/message/chat/id'),
  ),
  keptHeaders: [],
  recognise: (headers, payload) =>
    hasHeader(headers, 'x-telegram-bot-api-secret-token') || (isObject(payload) && 'update_id' in payload),
  setup: [
    'Create a bot with [@BotFather](https://t.me/BotFather), and keep its token for the tools of the agent.',
    'Save a random text of letters and digits as the secret of the webhook.',
    'Call `https://api.telegram.org/botTOKEN/setWebhook` with `url` set to `{url}` and `secret_token` to the random text.',
  ],
}
