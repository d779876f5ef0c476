import type { ReactNode } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { focusField } from '../../lib/focusField.ts'
import classes from './SaveBar.module.css'
import { useMay } from '../../lib/useMay.ts'

/** A field with an error: its `data-field`, and what it is called. */
export type WrongField = { field: string; label: string }

/** At the foot of a form: what is wrong with it as a whole, what is to say of it, and what to do with it. */
export function SaveBar({
  error,
  wrong = [],
  rest,
  says,
  refused = 'Not saved',
  children,
}: {
  error: unknown
  /** The fields with errors, in the order of the page: each gets a link. */
  wrong?: readonly WrongField[]
  /** What the server found wrong that no field shows. */
  rest: string[]
  says?: ReactNode
  /** What did not happen because of the errors. */
  refused?: string
  children: ReactNode
}) {
  if (!useMay('editor')) return <p className={classes.bar}>Only editors and owners can change this.</p>
  const isInvalid = error instanceof ApiError && error.problem.code === 'schema_invalid'
  return (
    <div className={classes.bar}>
      {error !== null && !isInvalid && wrong.length === 0 && <Problem error={error} />}
      {(isInvalid || wrong.length > 0) && <NotSaved refused={refused} wrong={wrong} rest={rest} />}
      <div className={classes.row}>
        <span className={classes.says} role="status">
          {says}
        </span>
        <div className={classes.actions}>{children}</div>
      </div>
    </div>
  )
}

/** How many errors there are, and the way to each of them. */
function NotSaved({
  refused,
  wrong,
  rest,
}: {
  refused: string
  wrong: readonly WrongField[]
  rest: string[]
}) {
  const count = wrong.length + rest.length
  const what = wrong.length === 0 ? 'fix the marked fields' : count === 1 ? '1 error' : `${count} errors`
  return (
    <Notice tone="bad" title={`${refused}: ${what}`}>
      {count === 0 ? undefined : (
        <>
          {wrong.length > 0 && (
            <ul className={classes.wrong} aria-label="Fields with errors">
              {wrong.map(({ field, label }) => (
                <li key={field}>
                  <button type="button" onClick={() => focusField(field)}>
                    {label}
                  </button>
                </li>
              ))}
            </ul>
          )}
          {rest.length > 0 && <p>{rest.join('\n')}</p>}
        </>
      )}
    </Notice>
  )
}
