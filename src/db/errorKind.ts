/** The detail for a caller when the database is `unavailable` for a specific reason. */
export function unavailableDetail(error: unknown): string | undefined {
  const full = error instanceof Error && 'code' in error && error.code === '53100'
  return full ? 'The disk of the database is full. Nothing was accepted or changed.' : undefined
}

/** System calls that happen before anything can be sent. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo'])

/** SQLSTATE codes. Codes of the system start with E. */
const SQLSTATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/

/** Messages of the driver, which have no code, about statements that it has not sent. */
const NEVER_SENT =
  /timeout exceeded when trying to connect|terminated due to connection timeout|is not queryable/i

/**
 * SQLSTATE codes that can occur after the statement took effect: those of connections, which poolers send when they
 * lose the server; "statement completion unknown"; a server shut down by the crash of another of its processes.
 */
const MAYBE_DONE = /^(08...|40003|57P02)$/

/**
 * Whether the outcome of a statement is unknown after an error. Only two cases are certain: a statement that failed
 * before it was sent was not executed, nor was one that the server rejected. Any other may have been, such as after any
 * failure (reset, broken pipe, time-out) of an established connection.
 */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof Error)) return true
  // One attempt per address of a host.
  if (error instanceof AggregateError) return error.errors.some(isUncertain)
  if ('syscall' in error) return !BEFORE_SENDING.has(String(error.syscall))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (SQLSTATE.test(code)) return MAYBE_DONE.test(code)
  return !NEVER_SENT.test(error.message)
}

/**
 * Classifies a database error: `conflict`: an immediate retry may succeed; `data`: these values cannot be stored;
 * `unavailable`: the server is down, starting or stopping; `other`: a bug. The classes are those of PostgreSQL's
 * SQLSTATE codes (manual, appendix A).
 */
export function errorKind(error: unknown): 'conflict' | 'data' | 'unavailable' | 'other' {
  if (!(error instanceof Error)) return 'other'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === '40001' || code === '40P01') return 'conflict'
  if (/^(22|23|54)/.test(code)) return 'data'
  // 57014: a statement was cancelled by a time limit or an operator; 55P03: a lock was not available in time.
  if (/^(08|28|3D000|53|55000|55P03|57014|57P|25006|25P03)/.test(code)) return 'unavailable'
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)/.test(code)) return 'unavailable'
  // A socket that is not there is a server that does not run; any other missing file is a fault of ours.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return 'unavailable'
  // The driver sets no code when a connection ends during a query, or cannot be established in time.
  if (
    /connection terminated|timeout exceeded when trying to connect|connection ended|not queryable|query read timeout/i.test(
      error.message,
    )
  ) {
    return 'unavailable'
  }
  return 'other'
}
