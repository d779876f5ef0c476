import { ConfigError } from '../config/configError.ts'

/**
 * What is printed when a command fails: one line for an error that the operator can fix, the stack for a bug in the
 * program. May contain secrets: redact it.
 */
export function explainError(error: unknown): string {
  if (error instanceof ConfigError) return `bellwire: ${error.message}`
  if (!(error instanceof Error)) return `bellwire: ${String(error)}`
  if (isOutside(error)) return `bellwire: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`
  return `bellwire: ${error.stack ?? error.message}`
}

/** From the operating system, which names the failed call, or from PostgreSQL, which gives an SQLSTATE. */
function isOutside(error: Error): boolean {
  if ('syscall' in error) return true
  return 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
}
