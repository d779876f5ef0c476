import type { ReactNode } from 'react'
import classes from './FormSection.module.css'

/** A section of a long form: its title and description on the left, its fields on the right. */
export function FormSection({
  id,
  title,
  about,
  children,
}: {
  /** For links that lead to it. */
  id?: string
  title: string
  about: ReactNode
  children: ReactNode
}) {
  return (
    <section className={classes.section} id={id}>
      <div className={classes.about}>
        <h2>{title}</h2>
        <p>{about}</p>
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
  )
}
