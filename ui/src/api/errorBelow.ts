import { ApiError } from './apiError.ts'

/**
 * The errors of a value that was part of a request, with pointers into the value: of `/draft/instructions` below
 * `/draft` it is `/instructions`.
 *
 * @returns undefined when none of the errors is about the value
 */
export function errorBelow(error: unknown, pointer: string): ApiError | undefined {
  if (!(error instanceof ApiError)) return undefined
  const inside = (error.problem.errors ?? [])
    .filter((one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`))
    .map((one) => ({ ...one, pointer: one.pointer.slice(pointer.length) }))
  if (inside.length === 0) return undefined
  return new ApiError(error.status, { ...error.problem, errors: inside })
}
