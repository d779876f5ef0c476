import { useState, type ReactNode } from 'react'
import { FormSection } from './FormSection.tsx'
import classes from './FoldedSection.module.css'

/** A part of a long form that few people need: one line says how it is set, its fields are folded away. */
export function FoldedSection({
  title,
  about,
  says,
  isFaulty,
  children,
}: {
  title: string
  about: ReactNode
  /** How it is set. */
  says: string
  /** A field in it has an error: it is shown open. */
  isFaulty: boolean
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    <FormSection title={title} about={about}>
      <details
        className={classes.fold}
        open={isOpen || isFaulty}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          <span className={classes.says}>{says}</span>
          <span className={classes.edit}>Edit</span>
        </summary>
        <div className={classes.fields}>{children}</div>
      </details>
    </FormSection>
  )
}
