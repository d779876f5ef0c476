import { createHash } from 'node:crypto'
import { etagOf, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import type { NoticeChannelInput, NoticeSettingsInput } from '../contract/notice.ts'
import { NoticeRules } from '../contract/notice.ts'
import type { Database, Queryable } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { newSigningSecret } from '../delivery/signature.ts'
import { NO_MAIL } from '../delivery/providers/mailer.ts'
import { BellwireError, type FieldError } from '../errors.ts'
import type { Vault } from '../secrets/vault.ts'
import type { Channel, ChannelSecrets } from './channel.ts'

/** Name of the rules in the table of settings. */
const SETTING = 'notices'

/** Channels with their secrets, and secrets that were made just now by the id of their channel. */
export type SavedSettings = {
  rules: NoticeRules
  channels: Channel[]
  made: Map<string, string>
  version: string
}

export type NoticeSettingsStore = {
  read(source?: Queryable): Promise<Omit<SavedSettings, 'made'>>
  /**
   * Replaces everything.
   *
   * @throws BellwireError `schema_invalid`; `precondition_failed` when `ifMatch` is of another version
   */
  write(input: NoticeSettingsInput, ifMatch?: IfMatch): Promise<SavedSettings>
}

type Row = Omit<Channel, 'secrets'> & { sealed: Buffer }

export function createNoticeSettings({
  db,
  vault,
  hasMail,
}: {
  db: Database
  vault: Vault
  /** Whether mail can be sent. */
  hasMail: boolean
}): NoticeSettingsStore {
  async function readRules(source: Queryable): Promise<NoticeRules> {
    const { rows } = await source.query<{ value: string }>({
      name: 'notices_settings',
      text: 'select value from bellwire.settings where name = $1',
      values: [SETTING],
    })
    return NoticeRules.parse(rows[0] ? JSON.parse(rows[0].value) : {})
  }

  async function readChannels(source: Queryable): Promise<Channel[]> {
    const { rows } = await source.query<Row>({
      name: 'notices_channels',
      text: 'select id, type, name, kinds, shown, sealed from bellwire.notice_channels order by position, id',
    })
    return rows.map(({ sealed, ...channel }) => ({
      ...channel,
      secrets: JSON.parse(vault.decrypt(sealed, context(channel.id))),
    }))
  }

  return {
    async read(source = db.pool) {
      const [rules, channels] = await Promise.all([readRules(source), readChannels(source)])
      return { rules, channels, version: versionOf(rules, channels) }
    },

    write: ({ channels: inputs, ...rules }, ifMatch) =>
      db.transaction(async (tx) => {
        // One change after the other: each sees the channels that the one before has left.
        await tx.query(`select pg_advisory_xact_lock(hashtextextended('bellwire notice settings', 0))`)
        const present = await readChannels(tx)
        requireMatch(ifMatch, etagOf(versionOf(await readRules(tx), present)))
        const before = new Map(present.map((channel) => [channel.id, channel]))
        const made = new Map<string, string>()
        const errors: FieldError[] = []
        const channels = inputs.map((input, index) => {
          const note = (field: string, detail: string): void =>
            void errors.push({ pointer: `/channels/${index}/${field}`, detail })
          return toChannel(input, { before, made, hasMail, note })
        })
        if (new Set(channels.map(({ id }) => id)).size < channels.length) {
          errors.push({ pointer: '/channels', detail: 'two channels have the same id' })
        }
        if (errors.length > 0) throw new BellwireError('schema_invalid', undefined, { errors })
        await tx.query('delete from bellwire.notice_channels')
        await tx.query(
          `insert into bellwire.notice_channels (id, position, type, name, kinds, shown, sealed)
            select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::json[], $6::text[], $7::bytea[])`,
          [
            channels.map(({ id }) => id),
            channels.map((_, index) => index),
            channels.map(({ type }) => type),
            channels.map(({ name }) => name),
            channels.map(({ kinds }) => (kinds ? JSON.stringify(kinds) : null)),
            channels.map(({ shown }) => shown),
            channels.map(({ id, secrets }) => vault.encrypt(JSON.stringify(secrets), context(id))),
          ],
        )
        await tx.query(
          `insert into bellwire.settings (name, value) values ($1, $2)
            on conflict (name) do update set value = excluded.value`,
          [SETTING, JSON.stringify(rules)],
        )
        return { rules, channels, made, version: versionOf(NoticeRules.parse(rules), channels) }
      }),
  }
}

function toChannel(
  input: NoticeChannelInput,
  {
    before,
    made,
    hasMail,
    note,
  }: {
    before: ReadonlyMap<string, Channel>
    made: Map<string, string>
    hasMail: boolean
    note: (field: string, detail: string) => void
  },
): Channel {
  const existing = input.id === undefined ? undefined : before.get(input.id)
  if (input.id !== undefined && !existing)
    note('id', 'there is no channel with this id; leave it out for a new one')
  if (existing && existing.type !== input.type) {
    note('type', `the channel with this id has the type ${existing.type}; leave the id out for a new one`)
  }
  const id = existing?.id ?? newId()
  const old = existing?.type === input.type ? existing.secrets : {}
  const needed = (field: string, value: string | undefined): string => {
    if (value === undefined && (!existing || existing.type === input.type))
      note(field, 'is required for a new channel')
    return value ?? ''
  }
  const base = { id, type: input.type, name: input.name ?? null, kinds: input.kinds ?? null }
  const as = (shown: string, secrets: ChannelSecrets): Channel => ({ ...base, shown, secrets })

  switch (input.type) {
    case 'webhook': {
      const url = needed('url', input.url ?? old.url)
      const secret = input.secret ?? old.secret ?? newSigningSecret()
      if (input.secret === undefined && old.secret === undefined) made.set(id, secret)
      return as(hostOf(url), { url, secret })
    }
    case 'telegram': {
      const { chat, base_url: baseUrl } = input
      return as(`chat ${chat}`, {
        chat,
        baseUrl,
        botToken: needed('bot_token', input.bot_token ?? old.botToken),
      })
    }
    case 'email': {
      const to = [input.to].flat()
      if (!hasMail) note('type', NO_MAIL)
      return as(to.join(', '), { to })
    }
    case 'slack':
    case 'teams':
    case 'discord': {
      const url = needed('url', input.url ?? old.url)
      return as(hostOf(url), { url })
    }
  }
}

/** The same for the same settings; it shows nothing of the secrets that it is made from. */
function versionOf(rules: NoticeRules, channels: Channel[]): string {
  const parts = channels.map(({ id, type, name, kinds, shown, secrets }) => [
    id,
    type,
    name,
    kinds,
    shown,
    secrets,
  ])
  return createHash('sha256')
    .update(JSON.stringify([rules, parts]))
    .digest('base64url')
    .slice(0, 16)
}

/** The path of such a URL is as good as a password. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

/** What the ciphertext of a channel's secrets is bound to. */
function context(id: string): string {
  return `notice-channel:${id}`
}
