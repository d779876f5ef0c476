import { ApiError } from '../../../api/apiError.ts'
import { Notice, Problem } from '../../../components/Notice.tsx'

/** Why notices could not be saved. */
export function SaveProblem({ error }: { error: unknown }) {
  if (!ApiError.isOvertaken(error)) return <Problem error={error} />
  return (
    <Notice tone="bad" title="Somebody else has changed the notices">
      Their change has been loaded. Save again to keep yours as well.
    </Notice>
  )
}
