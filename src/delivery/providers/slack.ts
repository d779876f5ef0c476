import { jsonOf, judgeStatus, textOf, type Judge } from './verdict.ts'

/** Errors that Slack's documentation calls temporary. */
const TEMPORARY = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'rollup_error',
])

/** What an operator can do about the usual errors. */
const ADVICE: Record<string, string> = {
  not_in_channel: 'invite the bot to the channel',
  channel_not_found: 'the channel does not exist, or the bot cannot see it',
  missing_scope: 'give the app the scope chat:write, and install it again',
  invalid_auth: 'the token is not valid',
  token_revoked: 'the token was revoked',
}

/** Methods of Slack's Web API answer 200 and say in the body whether they succeeded. */
export const judgeSlack: Judge = (answer) => {
  const { ok, error } = jsonOf(answer)
  if (ok === true) return { kind: 'delivered' }
  if (typeof error !== 'string') {
    const verdict = judgeStatus(answer)
    return verdict.kind === 'delivered'
      ? { kind: 'failed', error: 'the response is not from Slack' }
      : verdict
  }
  const advice = ADVICE[error]
  const text = `Slack refused the message: ${error}${advice === undefined ? '' : ` (${advice})`}`
  return TEMPORARY.has(error)
    ? { kind: 'failed', error: text, retryAfter: answer.retryAfter }
    : { kind: 'refused', error: text }
}

/** Incoming webhooks and response URLs use statuses, with a word of text, or JSON with `ok`. */
export const judgeSlackWebhook: Judge = (answer) => {
  const { ok, error } = jsonOf(answer)
  const said = typeof error === 'string' ? error : answer.text.slice(0, 200)
  if (ok === false)
    return { kind: TEMPORARY.has(said) ? 'failed' : 'refused', error: `Slack refused the message: ${said}` }
  return judgeStatus(answer, said)
}

/** The body of a message without previews of its links. */
export function slackMessage(text: string): Record<string, unknown> {
  return { text, unfurl_links: false, unfurl_media: false }
}

/** The ts of a message that was made: what an event about it names. */
export function slackMade(answer: { text: string }): string[] {
  const ts = textOf(jsonOf(answer), 'ts')
  return ts === undefined ? [] : [ts]
}
