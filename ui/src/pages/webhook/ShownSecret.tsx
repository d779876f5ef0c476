import { Code } from '../../components/Code.tsx'
import { Notice } from '../../components/Notice.tsx'
import classes from './Fields.module.css'

/** A secret that was made just now: there is no second look at it. */
export function ShownSecret({ secret }: { secret: string }) {
  return (
    <div className={classes.group}>
      <Notice tone="good" title="Copy the signing secret now">
        It is shown only once. Your receiver verifies signatures with it.
      </Notice>
      <Code label="Signing secret" text={secret} />
    </div>
  )
}
