import { compareJson } from './compareJson.ts'
import type { FieldChange } from './fieldChanges.ts'
import { TextDiff } from './TextDiff.tsx'
import classes from './Difference.module.css'

/** One field in which two revisions differ: a text line by line, JSON place by place, everything else as two values. */
export function Difference({ change: { pointer, label, before, after } }: { change: FieldChange }) {
  return (
    <section className={classes.field} aria-label={label} data-pointer={pointer}>
      <h3>{label}</h3>
      <div className={classes.places}>
        {compareJson(before, after).map((change) => (
          <div key={change.path} className={classes.place}>
            {change.path !== '' && <code className={classes.path}>{change.path}</code>}
            <Values before={change.before} after={change.after} />
          </div>
        ))}
      </div>
    </section>
  )
}

function Values({ before, after }: { before: unknown; after: unknown }) {
  if (isLong(before) || isLong(after)) return <TextDiff before={written(before)} after={written(after)} />
  return (
    <p className={classes.values}>
      <Value value={before} isOld />
      <span aria-hidden="true">→</span>
      <Value value={after} />
    </p>
  )
}

function Value({ value, isOld = false }: { value: unknown; isOld?: boolean }) {
  const text = value === undefined ? 'Not set' : written(value)
  if (value === undefined) return <span className={classes.none}>{text}</span>
  return isOld ? <del>{text}</del> : <ins>{text}</ins>
}

/** Objects, lists and texts of several lines are compared by lines. */
function isLong(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\n') || value.length > 60
  return typeof value === 'object' && value !== null
}

function written(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}
