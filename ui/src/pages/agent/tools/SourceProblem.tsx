import { fieldErrors } from '../../../api/fieldErrors.ts'
import { Problem } from '../../../components/Notice.tsx'
import classes from './Tools.module.css'

/** Why a tool or its source cannot be used: the field at fault, and the reason. */
export function SourceProblem({ error }: { error: unknown }) {
  const { rest } = fieldErrors(error, [])
  if (rest.length === 0) return <Problem error={error} />
  return (
    <p className={classes.fault} role="alert">
      {rest.map((line) => line.replace(/^(?:source|tool)\//, '')).join('\n')}
    </p>
  )
}
