import { jsonOf, judgeStatus, textOf, type Judge } from './verdict.ts'

/**
 * GitHub answers 403 both when a token may not and when it has asked too often. The latter has `Retry-After`, an
 * exhausted rate limit, or says so: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export const judgeGitHub: Judge = (answer) => {
  const { status, headers, retryAfter } = answer
  const said = textOf(jsonOf(answer), 'message')
  if (status === 403 || status === 429) {
    const isExhausted = headers.get('x-ratelimit-remaining') === '0'
    const reset = Number(headers.get('x-ratelimit-reset'))
    const untilReset = isExhausted && reset > 0 ? Math.max(1, reset - Date.now() / 1000) : undefined
    if (status === 429 || retryAfter !== undefined || isExhausted || /rate limit/i.test(said ?? '')) {
      const error = `GitHub's rate limit was reached (${status})`
      return { kind: 'failed', error, retryAfter: retryAfter ?? untilReset ?? SECONDARY_LIMIT_SECONDS }
    }
  }
  return judgeStatus(answer, said)
}

/** How long to wait for a secondary rate limit that names no time. */
const SECONDARY_LIMIT_SECONDS = 60
