import type { ReactNode } from 'react'
import { Mark } from './Mark.tsx'
import classes from './EmptyState.module.css'

/** Shown where there is nothing yet: what will appear here, and how. */
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
