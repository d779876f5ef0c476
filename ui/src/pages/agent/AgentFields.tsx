import { Fragment } from 'react'
import type { AgentForm } from './agentForm.ts'
import type { FieldsProps } from './fields/props.ts'
import { SectionLinks } from './SectionLinks.tsx'
import { SECTIONS } from './sections.ts'
import classes from './AgentFields.module.css'

/**
 * The fields of an agent, with links to its sections at the side of wide windows.
 *
 * @param initial what was saved last, to mark what is different; none for a new agent
 */
export function AgentFields({ initial, ...props }: FieldsProps & { initial?: AgentForm }) {
  return (
    <div className={classes.frame}>
      <div>
        {SECTIONS.map(({ id, Fields }) => (
          <Fragment key={id}>
            <span id={id} className={classes.anchor} tabIndex={-1} />
            <Fields {...props} />
          </Fragment>
        ))}
      </div>
      <SectionLinks form={props.form} errors={props.errors} initial={initial} />
    </div>
  )
}
