import type { ErrorCode } from '../errors.ts'
import type { Usage } from '../contract/task.ts'

/** Why a run failed, and whether a retry can help. */
export class RunFailure extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  /** Milliseconds that the provider asks clients to wait. */
  readonly retryAfterMs: number | undefined
  usage: Usage | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'RunFailure'
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}
