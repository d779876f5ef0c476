import type { ReactNode } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import classes from './SaveBar.module.css'

/** At the foot of a form: what is wrong with it as a whole, what is to say of it, and what to do with it. */
export function SaveBar({
  error,
  rest,
  says,
  refused = 'Not saved',
  children,
}: {
  error: unknown
  /** What the server found wrong that no field shows. */
  rest: string[]
  says?: ReactNode
  /** What did not happen because of the errors. */
  refused?: string
  children: ReactNode
}) {
  const inFields = error instanceof ApiError && error.problem.code === 'schema_invalid'
  return (
    <div className={classes.bar}>
      {error !== null && !inFields && <Problem error={error} />}
      {inFields && (
        <Notice tone="bad" title={`${refused}: fix the marked fields`}>
          {rest.length > 0 ? rest.join('\n') : undefined}
        </Notice>
      )}
      <div className={classes.row}>
        <span className={classes.says} role="status">
          {says}
        </span>
        <div className={classes.actions}>{children}</div>
      </div>
    </div>
  )
}
