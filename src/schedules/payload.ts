import { jsonPointer } from '../contract/fieldErrors.ts'
import { ExactNumber } from '../contract/exactJson.ts'
import type { FieldError } from '../errors.ts'
import { checkTemplate, parseTemplate } from '../tools/templates/template.ts'

/** What templates of a payload may use. */
export type BeatScope = {
  beat: { time: string; local: string; date: string; time_zone: string }
  schedule: { id: string; name: string }
}

const ROOTS = ['beat', 'schedule']

/** What cannot be rendered in the strings of a payload. */
export function checkPayload(payload: unknown): FieldError[] {
  return strings(payload).flatMap(({ text, at }) => {
    const check = checkTemplate(text, ROOTS)
    return check.ok ? [] : [{ pointer: `/payload${at}`, detail: check.detail }]
  })
}

/**
 * Renders the strings of a payload; names of members and everything else stay what they are.
 *
 * @throws TemplateError
 */
export async function renderPayload(payload: unknown, scope: BeatScope): Promise<unknown> {
  if (typeof payload === 'string') return parseTemplate(payload).render(scope)
  if (Array.isArray(payload)) {
    return Promise.all(payload.map((item: unknown) => renderPayload(item, scope)))
  }
  if (typeof payload !== 'object' || payload === null || payload instanceof ExactNumber) return payload
  const members = Object.entries(payload).map(async ([name, value]): Promise<[string, unknown]> => [
    name,
    await renderPayload(value, scope),
  ])
  return Object.fromEntries(await Promise.all(members))
}

/** What templates know of a beat. */
export function beatScope(
  beat: Date,
  { id, name, timeZone }: { id: string; name: string; timeZone: string },
): BeatScope {
  const local = inZone(beat, timeZone)
  return {
    beat: { time: beat.toISOString(), local, date: local.slice(0, 10), time_zone: timeZone },
    schedule: { id, name },
  }
}

/** ISO 8601 in a time zone, with the offset from UTC: 2026-06-05T09:00:00+02:00. */
function inZone(time: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
  const offset = part['timeZoneName']?.replace('GMT', '') ?? ''
  const date = `${part['year']}-${part['month']}-${part['day']}`
  return `${date}T${part['hour']}:${part['minute']}:${part['second']}${offset === '' ? 'Z' : offset}`
}

function strings(value: unknown, at = ''): { text: string; at: string }[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return []
  return Object.entries(value).flatMap(([name, member]) => strings(member, at + jsonPointer([name])))
}
