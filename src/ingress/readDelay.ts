import type { IncomingHttpHeaders } from 'node:http'
import { isInstant, readInstant } from '../contract/instant.ts'
import { BellwireError } from '../errors.ts'
import type { Trigger } from '../tasks/trigger.ts'

/** The longest delay. */
const MAX_DAYS = 30
const MAX_SECONDS = MAX_DAYS * 86_400

/**
 * When a task is to start: `X-Bellwire-Delay` in seconds from now, or as a time with a time zone; undefined for at
 * once. A time in the past means at once too: a task with a start time would lose its place in a conversation.
 *
 * @throws BellwireError `delay_invalid`
 */
export function readDelay(headers: IncomingHttpHeaders): Trigger['startAt'] {
  const header = headers['x-bellwire-delay']
  if (header === undefined) return undefined
  const text = String(header).trim()
  if (/^\d{1,12}(?:\.\d{1,3})?$/.test(text)) return fromSeconds(Number(text))
  if (text.includes('T') && isInstant(text)) return fromTime(readInstant(text))
  throw new BellwireError(
    'delay_invalid',
    'Send X-Bellwire-Delay as seconds, such as 3600, or as a time with a time zone, such as 2026-03-01T08:00:00Z.',
  )
}

function fromSeconds(seconds: number): Trigger['startAt'] {
  if (seconds > MAX_SECONDS) throw tooLong()
  return seconds === 0 ? undefined : { inSeconds: seconds }
}

/** Keeps the time itself: the clock of the database decides when it has come. */
function fromTime(time: Date): Trigger['startAt'] {
  const milliseconds = time.getTime() - Date.now()
  if (milliseconds > MAX_SECONDS * 1000) throw tooLong()
  return milliseconds <= 0 ? undefined : { time }
}

function tooLong(): BellwireError {
  return new BellwireError(
    'delay_invalid',
    `X-Bellwire-Delay is more than ${MAX_DAYS} days from now, the longest delay.`,
  )
}
