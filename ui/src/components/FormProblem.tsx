import { Notice, Problem } from './Notice.tsx'

/**
 * The part of a request's error that the fields of a form do not show: the whole error if no field is marked, otherwise
 * the faults that belong to no field. `isMarked` and `rest` come from `useFormErrors`.
 */
export function FormProblem({
  error,
  isMarked,
  rest,
}: {
  /** null or undefined: no request has failed. */
  error: unknown
  isMarked: boolean
  rest: readonly string[]
}) {
  if (!isMarked) return error === null || error === undefined ? null : <Problem error={error} />
  return rest.length > 0 ? <Notice tone="bad" title={rest.join('\n')} /> : null
}
