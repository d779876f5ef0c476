import { jsonOf, judgeStatus, textOf, type Judge } from './verdict.ts'

/** Discord says in seconds, with a fraction, when the next message is welcome. */
export const judgeDiscord: Judge = (answer) => {
  const json = jsonOf(answer)
  const verdict = judgeStatus(answer, textOf(json, 'message'))
  const wait = Number(textOf(json, 'retry_after'))
  return verdict.kind === 'failed' && wait > 0 ? { ...verdict, retryAfter: wait } : verdict
}

/** Characters of one message. */
export const DISCORD_MAX_CHARACTERS = 2_000

/** A message that mentions nobody, whatever its text says. */
export function discordMessage(content: string): Record<string, unknown> {
  return { content, allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS }
}

/** The flag of messages that show no previews of their links. */
const SUPPRESS_EMBEDS = 4

/** Whether a secret is the URL of a channel webhook, rather than a bot token. */
export function isDiscordWebhookUrl(secret: string): boolean {
  return /^https?:\/\//i.test(secret)
}

/** The id of a message that was made. */
export function discordMade(answer: { text: string }): string[] {
  const id = textOf(jsonOf(answer), 'id')
  return id === undefined ? [] : [id]
}
