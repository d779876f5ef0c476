import {
  judgeTelegram,
  TELEGRAM_MAX_CHARACTERS,
  telegramMessage,
  telegramUrl,
} from '../providers/telegram.ts'
import { pick } from './pick.ts'
import { jsonRequest, preset, required } from './preset.ts'

type Place = { chat: string; message: string | undefined; topic: string | undefined }

/** The updates that come from a chat. */
const SOURCES = ['message', 'edited_message', 'channel_post', 'edited_channel_post', 'callback_query.message']

export const telegram = preset<'telegram', Place>({
  to: 'telegram',
  writing: 'text',
  limit: { characters: TELEGRAM_MAX_CHARACTERS, messages: 10 },

  async locate(reply, { payload, render }) {
    const chosen = await render('chat', reply.chat)
    if (chosen !== undefined) return { chat: chosen, message: undefined, topic: undefined }
    const first = (field: string): string | undefined =>
      pick(payload, ...SOURCES.map((source) => `${source}.${field}`))
    return {
      chat: required(first('chat.id'), 'chat', 'chat'),
      message: first('message_id'),
      topic: first('message_thread_id'),
    }
  },

  request({ reply, target, text, secret }) {
    const { url, shownUrl } = telegramUrl(reply.base_url, secret)
    const { chat, message, topic } = target
    const body = {
      ...telegramMessage(chat, text),
      ...(message === undefined
        ? {}
        : { reply_parameters: { message_id: Number(message), allow_sending_without_reply: true } }),
      ...(topic === undefined ? {} : { message_thread_id: Number(topic) }),
    }
    return { ...jsonRequest(url, body), shownUrl }
  },

  judge: judgeTelegram,
})
