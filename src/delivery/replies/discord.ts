import { createHash } from 'node:crypto'
import {
  DISCORD_MAX_CHARACTERS,
  discordMade,
  discordMessage,
  isDiscordWebhookUrl,
  judgeDiscord,
} from '../providers/discord.ts'
import { pick } from './pick.ts'
import { baseOf, jsonRequest, preset, ReplyError, required, type Request } from './preset.ts'

type Place = { application?: string | undefined; channel?: string | undefined; message?: string | undefined }

/**
 * Three ways: an interaction is followed up with its own token, a channel webhook posts to its channel, and a bot posts
 * to any channel that it sees.
 */
export const discord = preset<'discord', Place>({
  to: 'discord',
  writing: 'text',
  limit: { characters: DISCORD_MAX_CHARACTERS, messages: 10 },

  async locate(reply, { payload, render }) {
    const chosen = await render('channel', reply.channel)
    const application = pick(payload, 'application_id')
    if (chosen === undefined && application !== undefined && pick(payload, 'token') !== undefined) {
      return { application: snowflake(application) }
    }
    if (reply.secret === undefined) {
      throw new ReplyError("the payload is not an interaction; set the reply's secret to a bot token")
    }
    const channel = chosen ?? pick(payload, 'channel_id', 'event.data.channel_id')
    const message = chosen === undefined ? pick(payload, 'message.id', 'event.data.id') : undefined
    return { channel: channel === undefined ? undefined : snowflake(channel), message }
  },

  request({ reply, target, text, key, secret, payload }): Request {
    const body = discordMessage(text)
    const base = baseOf(reply)
    if (target.application !== undefined) {
      const path = `${base}/webhooks/${target.application}/`
      const token = encodeURIComponent(pick(payload, 'token') ?? '')
      return { ...jsonRequest(path + token, body), shownUrl: `${path}…` }
    }
    if (isDiscordWebhookUrl(secret)) {
      if (!URL.canParse(secret)) throw new ReplyError(`the secret ${reply.secret} is not a valid URL`)
      const url = new URL(secret)
      url.searchParams.set('wait', 'true')
      return { ...jsonRequest(url.href, body), shownUrl: `${url.origin}/…` }
    }
    const channel = required(target.channel, 'channel', 'channel')
    const reference = target.message && { message_id: target.message, fail_if_not_exists: false }
    return jsonRequest(
      `${base}/channels/${channel}/messages`,
      {
        ...body,
        nonce: nonceOf(key),
        enforce_nonce: true,
        ...(reference ? { message_reference: reference } : {}),
      },
      { authorization: `Bot ${secret}` },
    )
  },

  judge: judgeDiscord,
  made: discordMade,
})

/** Discord returns the first message again when another with its nonce follows within minutes. */
function nonceOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 25)
}

function snowflake(id: string): string {
  if (/^\d{1,25}$/.test(id)) return id
  throw new ReplyError('the channel or application id is not a number')
}
