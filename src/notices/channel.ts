import type { NoticeChannel, NoticeKind } from '../contract/notice.ts'

/** What a channel needs to send: its URL, its token. Stored encrypted. */
export type ChannelSecrets = {
  url?: string | undefined
  /** Of a webhook: what messages are signed with. */
  secret?: string | undefined
  botToken?: string | undefined
  chat?: string | undefined
  baseUrl?: string | undefined
  to?: string[] | undefined
}

/** Where notices are sent. */
export type Channel = {
  id: string
  type: NoticeChannel['type']
  name: string | null
  /** Null: all kinds. */
  kinds: NoticeKind[] | null
  /** Where it leads, without secrets. */
  shown: string
  secrets: ChannelSecrets
}
