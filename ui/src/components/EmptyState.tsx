import type { ReactNode } from 'react'
import { Mark } from './Mark.tsx'
import classes from './EmptyState.module.css'

/** Where there is nothing yet: what would be here, and how it comes. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={classes.empty}>
      <Mark size={32} />
      <h2>{title}</h2>
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  )
}
