import type { Problem } from './types.ts'

/** An error response from the server, or the lack of any response. */
export class ApiError extends Error {
  /** 0 if there was no response. */
  readonly status: number
  readonly problem: Partial<Problem>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `The server responded with status ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }

  /** Whether someone else has saved since the data was read. */
  static isOvertaken(error: unknown): boolean {
    return error instanceof ApiError && error.problem.code === 'precondition_failed'
  }

  /** Whether the server, a proxy in front of it or the database behind it is temporarily unavailable. */
  get isPassing(): boolean {
    const isProxy = this.status === 502 && this.problem.code === undefined
    return this.status === 0 || this.status === 503 || this.status === 504 || isProxy
  }
}
