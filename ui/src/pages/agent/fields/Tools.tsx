import { Button, Textarea } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { FormSection } from '../../../components/FormSection.tsx'
import { Icon } from '../../../components/Icon.tsx'
import { TOOL_TEMPLATES, toolLabels, withTool } from '../toolTemplates.ts'
import { textField, type FieldsProps } from './props.ts'
import classes from './fields.module.css'

/** The tools that the agent can call. */
export function Tools(props: FieldsProps) {
  return (
    <FormSection
      title="Tools"
      about={
        <>
          Tools the agent can call, as a JSON array. Templates in <code>url</code>, <code>headers</code> and{' '}
          <code>body</code> can use the arguments and <code>secrets</code>.
        </>
      }
    >
      <AddTools {...props} />
      <Textarea
        label="Tools as JSON"
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={28}
        spellCheck={false}
        {...textField(props, 'tools')}
      />
      {props.errors.tools?.includes('there is no secret') === true && (
        <p className={classes.hint}>
          <Link to="/settings" target="_blank">
            Set the secret in Settings
          </Link>{' '}
          (opens a new tab), then save again.
        </p>
      )}
    </FormSection>
  )
}

function AddTools({ form, onChange }: FieldsProps) {
  const labels = toolLabels(form.tools)
  const summary =
    labels === undefined
      ? 'The JSON cannot be read yet.'
      : labels.length === 0
        ? 'No tools.'
        : labels.join(', ')
  return (
    <div className={classes.tools}>
      <p>{summary}</p>
      <div className={classes.add}>
        {TOOL_TEMPLATES.map(({ label, tool }) => {
          const next = withTool(form.tools, tool)
          const there = tool.type === 'builtin' && labels?.includes(tool.name) === true
          return (
            <Button
              key={label}
              variant="default"
              size="compact-sm"
              leftSection={<Icon name="plus" size={14} />}
              disabled={next === undefined || there}
              onClick={() => next !== undefined && onChange({ tools: next })}
            >
              {label}
            </Button>
          )
        })}
      </div>
    </div>
  )
}
