import type { ReactNode } from 'react'
import classes from './PageHeader.module.css'

/** A page's title, subtitle and actions. */
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
