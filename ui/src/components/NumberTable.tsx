import type { ReactNode } from 'react'
import classes from './NumberTable.module.css'

/** A table of names and numbers, which scrolls sideways if there is no room for it. */
export function NumberTable({
  label,
  columns,
  children,
}: {
  label: string
  /** The column headers; the first is for the names. */
  columns: readonly string[]
  /** The rows. */
  children: ReactNode
}) {
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={`${label}: table`}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
