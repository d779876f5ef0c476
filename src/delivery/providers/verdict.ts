import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import type { Answer } from '../exchange.ts'

/**
 * What an answer of a provider means. `failed`: worth a repetition, after `retryAfter` seconds at the earliest.
 * `refused`: a repetition gets the same answer, until somebody changes a setting.
 */
export type Verdict =
  | { kind: 'delivered' }
  | { kind: 'failed'; error: string; retryAfter?: number | undefined }
  | { kind: 'refused'; error: string }

export type Judge = (answer: Answer) => Verdict

/** Statuses that say "later" rather than "no". */
const TEMPORARY = new Set([408, 425, 429])

/**
 * The meaning of a status, for providers that use them as HTTP intends.
 *
 * @param said what the provider says about it, if anything
 */
export function judgeStatus(answer: Answer, said?: string): Verdict {
  const { status, retryAfter } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const error = `the provider answered ${status}${said === undefined || said === '' ? '' : `: ${said}`}`
  if (status >= 500 || TEMPORARY.has(status)) return { kind: 'failed', error, retryAfter }
  return { kind: 'refused', error }
}

/** The JSON object of an answer; an empty one when it holds none. */
export function jsonOf({ text }: Pick<Answer, 'text'>): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** A field of an object that is a text or a number, as text. */
export function textOf(object: unknown, field: string): string | undefined {
  const value = isObject(object) ? object[field] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
