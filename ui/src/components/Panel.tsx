import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './Panel.module.css'

/** A titled section of a page. */
export function Panel({
  title,
  aside,
  children,
}: {
  title: string
  /** Actions, to the right of the title. */
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
