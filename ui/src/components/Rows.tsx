import type { ReactNode } from 'react'
import classes from './Rows.module.css'

/** A list of rows that link somewhere. `columns` is a grid template. */
export function Rows({
  label,
  heads,
  columns,
  children,
}: {
  label: string
  heads: string[]
  columns: string
  children: ReactNode
}) {
  return (
    <div className={classes.frame} style={{ '--columns': columns }}>
      <div className={classes.heads} aria-hidden="true">
        {heads.map((head) => (
          <span key={head}>{head}</span>
        ))}
      </div>
      <ul className={classes.list} aria-label={label} data-rows>
        {children}
      </ul>
    </div>
  )
}

export const rowClass = classes.row

/** Placeholders while rows load, as tall as real ones. */
export function RowSkeletons({ count, lines = 1 }: { count: number; lines?: 1 | 2 }) {
  return Array.from({ length: count }, (_, index) => (
    <li key={index} className={classes.skeleton} data-lines={lines} aria-hidden="true">
      <span style={{ width: `${62 - ((index * 17) % 30)}%` }} />
    </li>
  ))
}
