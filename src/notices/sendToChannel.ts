import { unsent, MAX_RESPONSE_CHARACTERS, type AttemptResult } from '../delivery/attempt.ts'
import { exchange, type Outgoing } from '../delivery/exchange.ts'
import { DISCORD_MAX_CHARACTERS, discordMessage, judgeDiscord } from '../delivery/providers/discord.ts'
import type { Mailer } from '../delivery/providers/mailer.ts'
import { judgeSlackWebhook, slackMessage } from '../delivery/providers/slack.ts'
import { judgeTeams, TEAMS_MAX_CHARACTERS, teamsMessage } from '../delivery/providers/teams.ts'
import {
  judgeTelegram,
  TELEGRAM_MAX_CHARACTERS,
  telegramMessage,
  telegramUrl,
} from '../delivery/providers/telegram.ts'
import { judgeStatus, type Judge } from '../delivery/providers/verdict.ts'
import { signatureHeaders } from '../delivery/signature.ts'
import type { GuardedFetch } from '../tools/guardedFetch.ts'
import { toSlackText } from '../tools/templates/slackText.ts'
import type { Channel } from './channel.ts'
import type { WrittenMessage } from './writeMessage.ts'

/** Characters of a message in Slack. */
const SLACK_MAX_CHARACTERS = 4_000

/** Sends a message to a channel once. */
export type SendToChannel = (channel: Channel, message: WrittenMessage) => Promise<AttemptResult>

export function createSendToChannel({
  fetch,
  mailer,
  version,
}: {
  fetch: GuardedFetch
  mailer: Mailer
  version: string
}): SendToChannel {
  return async (channel, message) => {
    if (channel.type === 'email') {
      return mailer.send({
        to: channel.secrets.to ?? [],
        subject: `[Bellwire] ${message.title}`.slice(0, 200),
        text: message.text,
        id: idOf(message, channel),
      })
    }
    const started = performance.now()
    const { outgoing, judge } = requestOf(channel, message)
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Bellwire/${version}`,
      ...outgoing.headers,
    }
    const answer = await exchange(fetch, { ...outgoing, headers }, MAX_RESPONSE_CHARACTERS)
    const durationMs = Math.round(performance.now() - started)
    if ('error' in answer) return { ...unsent(answer.error), kind: answer.kind, durationMs }
    const verdict = judge(answer)
    return {
      kind: verdict.kind,
      status: answer.status,
      error: 'error' in verdict ? verdict.error : null,
      response: answer.text,
      retryAfter: 'retryAfter' in verdict ? verdict.retryAfter : undefined,
      durationMs,
    }
  }
}

type Sending = { outgoing: Outgoing; judge: Judge }

function requestOf(channel: Channel, message: WrittenMessage): Sending {
  const { type, secrets } = channel
  const { url = '' } = secrets
  switch (type) {
    case 'webhook':
      return { outgoing: signed(channel, message), judge: (answer) => judgeStatus(answer) }
    case 'slack': {
      const text = cut(toSlackText(message.text), SLACK_MAX_CHARACTERS)
      return { outgoing: json(url, slackMessage(text)), judge: judgeSlackWebhook }
    }
    case 'teams': {
      // A single line break is none in Markdown.
      const text = cut(message.text.replaceAll('\n', '\n\n'), TEAMS_MAX_CHARACTERS)
      return { outgoing: json(url, teamsMessage(text)), judge: judgeTeams }
    }
    case 'discord':
      return {
        outgoing: json(url, discordMessage(cut(message.text, DISCORD_MAX_CHARACTERS))),
        judge: judgeDiscord,
      }
    default: {
      const { url: to } = telegramUrl(secrets.baseUrl ?? '', secrets.botToken ?? '')
      const body = telegramMessage(secrets.chat ?? '', cut(message.text, TELEGRAM_MAX_CHARACTERS))
      return { outgoing: json(to, body), judge: judgeTelegram }
    }
  }
}

/** A message to a webhook, as Standard Webhooks has it. */
function signed(channel: Channel, message: WrittenMessage): Outgoing {
  const { url = '', secret } = channel.secrets
  const { kind, createdAt, title, text, notices } = message
  const envelope = {
    type: `notice.${kind}`,
    timestamp: createdAt.toISOString(),
    data: { title, text, notices },
  }
  const body = Buffer.from(JSON.stringify(envelope))
  const secrets = secret === undefined ? [] : [secret]
  return {
    url,
    headers: signatureHeaders({ id: idOf(message, channel), time: new Date(), body, secrets }),
    body,
  }
}

/** The same on every attempt. */
function idOf({ id }: WrittenMessage, channel: Channel): string {
  return `msg_${id}_${channel.id}`
}

function json(url: string, body: object): Outgoing {
  return { url, headers: {}, body: Buffer.from(JSON.stringify(body)) }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 2).toWellFormed()}\n…`
}
