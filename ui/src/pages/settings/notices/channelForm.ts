import type { NoticeChannel, NoticeKind } from '../../../api/types.ts'

/** What notices are about, in words. */
export const KINDS: Readonly<Record<NoticeKind, string>> = {
  approvals: 'Approvals and questions',
  failures: 'Failing agents',
  budget: 'Budgets',
  callbacks: 'Failing callbacks',
  silence: 'Silent webhooks',
  loops: 'Suspected loops',
  queue: 'An old queue',
}

export const KIND_NAMES = Object.keys(KINDS) as NoticeKind[]

/** Where notices can go, in words. */
export const TYPES: Readonly<Record<NoticeChannel['type'], string>> = {
  slack: 'Slack',
  teams: 'Microsoft Teams',
  discord: 'Discord',
  telegram: 'Telegram',
  email: 'Email',
  webhook: 'Webhook',
}

export const CHANNEL_FIELDS = ['type', 'name', 'url', 'bot_token', 'chat', 'to', 'kinds'] as const

export type ChannelFields = {
  type: NoticeChannel['type']
  name: string
  url: string
  bot_token: string
  chat: string
  to: string
  /** Empty: everything. */
  kinds: NoticeKind[]
}

/** The form of a channel; its URL and tokens are not known here. */
export function formOf(channel: NoticeChannel | undefined): ChannelFields {
  return {
    type: channel?.type ?? 'slack',
    name: channel?.name ?? '',
    url: '',
    bot_token: '',
    chat: channel?.type === 'telegram' ? channel.shown.replace(/^chat /, '') : '',
    to: channel?.type === 'email' ? channel.shown : '',
    kinds: channel?.kinds ?? [],
  }
}

/** What is sent for a channel. Secrets that are left empty stay as they are. */
export function inputOf(form: ChannelFields, id?: string): Record<string, unknown> {
  return {
    type: form.type,
    ...(id === undefined ? {} : { id }),
    ...(form.name.trim() === '' ? {} : { name: form.name.trim() }),
    ...(form.kinds.length === 0 ? {} : { kinds: form.kinds }),
    ...addressOf(form),
  }
}

/** A channel that is not edited. */
export function inputOfSaved(channel: NoticeChannel): Record<string, unknown> {
  return inputOf(formOf(channel), channel.id)
}

function addressOf({ type, url, bot_token: token, chat, to }: ChannelFields): Record<string, unknown> {
  if (type === 'telegram')
    return { chat: chat.trim(), ...(token.trim() === '' ? {} : { bot_token: token.trim() }) }
  if (type === 'email') return { to: to.split(/[\s,;]+/).filter((one) => one !== '') }
  return url.trim() === '' ? {} : { url: url.trim() }
}
