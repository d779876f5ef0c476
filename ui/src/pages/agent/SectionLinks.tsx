import { Link } from '@tanstack/react-router'
import { changedFields, type AgentForm, type FormErrors } from './agentForm.ts'
import { SECTIONS, type Section } from './sections.ts'
import classes from './SectionLinks.module.css'

/** Links to the sections of the form, with a mark at those that have errors or are not saved. */
export function SectionLinks({
  form,
  errors,
  initial = form,
}: {
  form: AgentForm
  errors: FormErrors
  initial?: AgentForm | undefined
}) {
  const changed = new Set(changedFields(initial, form))
  return (
    <nav className={classes.links} aria-label="Sections">
      <ul>
        {SECTIONS.map((section) => (
          <SectionLink
            key={section.id}
            section={section}
            errors={section.fields.filter((field) => errors[field] !== undefined).length}
            isChanged={section.fields.some((field) => changed.has(field))}
          />
        ))}
      </ul>
    </nav>
  )
}

function SectionLink({
  section: { id, title },
  errors,
  isChanged,
}: {
  section: Section
  errors: number
  isChanged: boolean
}) {
  const mark =
    errors > 0 ? (errors === 1 ? '1 error' : `${errors} errors`) : isChanged ? 'Not saved' : undefined
  return (
    <li>
      <Link
        to="."
        search={true}
        hash={id}
        hashScrollIntoView
        replace
        data-mark={errors > 0 ? 'bad' : undefined}
      >
        <span>{title}</span>
        {mark !== undefined && <span className={classes.mark}>{mark}</span>}
      </Link>
    </li>
  )
}
