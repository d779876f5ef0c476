import type { Problem } from './types.ts'

/** What the server said when it said no, or that it said nothing. */
export class ApiError extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number
  readonly problem: Partial<Problem>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }

  /** Whether somebody else has saved since what was changed had been read. */
  static isOvertaken(error: unknown): boolean {
    return error instanceof ApiError && error.problem.code === 'precondition_failed'
  }

  /** Whether the server, a proxy before it or the database behind it is away for the moment. */
  get isPassing(): boolean {
    const isProxy = this.status === 502 && this.problem.code === undefined
    return this.status === 0 || this.status === 503 || this.status === 504 || isProxy
  }
}
