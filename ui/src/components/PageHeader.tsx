import type { ReactNode } from 'react'
import classes from './PageHeader.module.css'

/** The name of a page, what stands under it, and what can be done on it. */
export function PageHeader({
  title,
  under,
  actions,
}: {
  title: ReactNode
  under?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className={classes.header}>
      <div className={classes.names}>
        <h1 tabIndex={-1}>{title}</h1>
        {under !== undefined && <div className={classes.under}>{under}</div>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </header>
  )
}
