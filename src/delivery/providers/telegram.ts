import { isObject } from '../../contract/jsonObject.ts'
import { jsonOf, judgeStatus, textOf, type Judge } from './verdict.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/** The Bot API explains a refusal in `description`, and asks for time in `parameters`. */
export const judgeTelegram: Judge = (answer) => {
  const json = jsonOf(answer)
  const verdict = judgeStatus(answer, textOf(json, 'description'))
  if (verdict.kind === 'delivered' && json['ok'] !== true) {
    return { kind: 'failed', error: 'the response is not from Telegram' }
  }
  const parameters = isObject(json['parameters']) ? json['parameters'] : {}
  const moved = textOf(parameters, 'migrate_to_chat_id')
  if (moved !== undefined && verdict.kind === 'refused') {
    return { kind: 'refused', error: `${verdict.error}; the chat is now ${moved}` }
  }
  const wait = Number(textOf(parameters, 'retry_after'))
  return verdict.kind === 'failed' && wait > 0 ? { ...verdict, retryAfter: wait } : verdict
}

/** Text without markup, and without previews of its links. */
export function telegramMessage(chat: string, text: string): Record<string, unknown> {
  return { chat_id: chat, text, link_preview_options: { is_disabled: true } }
}

/** Characters of one message. */
export const TELEGRAM_MAX_CHARACTERS = 4_096

/** The URL of a method, and the same as it can be shown. */
export function telegramUrl(baseUrl: string, token: string): { url: string; shownUrl: string } {
  const base = withoutTrailing(baseUrl, '/')
  return {
    url: `${base}/bot${encodeURIComponent(token).replaceAll('%3A', ':')}/sendMessage`,
    shownUrl: `${base}/bot…/sendMessage`,
  }
}
