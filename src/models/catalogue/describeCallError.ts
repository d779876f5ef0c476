import { APICallError } from '@ai-sdk/provider'
import { errorWords } from '../errorWords.ts'
import { ReportedError } from '../reportedError.ts'
import { reasonOf, shorten } from './getJson.ts'

/** What went wrong with the call of a model, in the provider's own words, and the status that it answered with. */
export function describeCallError(error: unknown, signal: AbortSignal): { words: string; status?: number } {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof ReportedError) return { words: `reported an error: ${shorten(at.words.message)}` }
    if (!APICallError.isInstance(at) || at.statusCode === undefined) continue
    const { statusCode: status, responseBody: body = '' } = at
    if (status < 300) return { words: 'sent a response that cannot be read', status }
    const words = /^\s*</.test(body) ? '' : (errorWords(body)?.message ?? '')
    return { words: `answered ${status}${words === '' ? '' : `: ${shorten(words)}`}`, status }
  }
  return { words: reasonOf(error, signal) }
}
