import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './Panel.module.css'

/** A part of a page with a name. */
export function Panel({
  title,
  aside,
  children,
}: {
  title: string
  /** At the right of the name: what can be done. */
  aside?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <header className={classes.head}>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
