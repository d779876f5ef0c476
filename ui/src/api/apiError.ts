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
}
