import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './Panel.module.css'

/** A titled section of a page. */
export function Panel({
  id,
  title,
  aside,
  children,
}: {
  /** For links that lead to it. */
  id?: string
  title: string
  /** Actions, to the right of the title. */
  aside?: ReactNode
  children: ReactNode
}) {
  const head = useId()
  return (
    <section className={classes.panel} id={id} aria-labelledby={head}>
      <header className={classes.head}>
        <h2 id={head}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
