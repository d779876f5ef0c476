/** What a caller should hear of a database that is `unavailable`, where that is more than that it is away. */
export function unavailableDetail(error: unknown): string | undefined {
  const full = error instanceof Error && 'code' in error && error.code === '53100'
  return full ? 'The database has no space left on its disk. Nothing was accepted.' : undefined
}

/**
 * Whether an error leaves open what became of a statement: its connection broke after it was sent. With an answer
 * of the server, or without a connection, nothing was done.
 */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof Error)) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ECONNRESET' || code === 'EPIPE') return true
  return code === '' && !/timeout exceeded when trying to connect/i.test(error.message)
}

/**
 * What an error of the database asks for: `conflict`: the same again may work at once; `data`: these values
 * cannot be stored; `unavailable`: the server is away, starting or stopping; `other`: a fault of ours.
 * The classes are those of PostgreSQL's SQLSTATE codes (manual, appendix A).
 */
export function errorKind(error: unknown): 'conflict' | 'data' | 'unavailable' | 'other' {
  if (!(error instanceof Error)) return 'other'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === '40001' || code === '40P01') return 'conflict'
  if (/^(22|23|54)/.test(code)) return 'data'
  // 57014: a statement was cancelled by a time limit or an operator; 55P03: a lock could not be had in time.
  if (/^(08|28|3D000|53|55000|55P03|57014|57P|25006|25P03)/.test(code)) return 'unavailable'
  if (/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)/.test(code))
    return 'unavailable'
  // The driver gives no code to connections that end under a query, or that do not come about in time.
  if (
    /connection terminated|timeout exceeded when trying to connect|connection ended|not queryable|query read timeout/i.test(
      error.message,
    )
  ) {
    return 'unavailable'
  }
  return 'other'
}
