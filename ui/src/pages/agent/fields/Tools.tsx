import { Link } from '@tanstack/react-router'
import { FormSection } from '../../../components/FormSection.tsx'
import { ToolsEditor } from '../tools/ToolsEditor.tsx'
import { useSavedTools } from '../tools/useSavedTools.ts'
import classes from './fields.module.css'
import type { FieldsProps } from './props.ts'

/** The tools that the agent can call. */
export function Tools({ form, errors, onChange }: FieldsProps) {
  const saved = useSavedTools()
  return (
    <FormSection
      title="Tools"
      about={
        <>
          What the agent can call. URLs, headers and bodies are Liquid templates over the arguments and{' '}
          <code>secrets</code>.
        </>
      }
    >
      <ToolsEditor
        value={form.tools}
        error={errors.tools}
        saved={saved}
        onChange={(tools) => onChange({ tools })}
      />
      {errors.tools?.includes('there is no secret') === true && (
        <p className={classes.hint}>
          <Link to="/settings/$page" params={{ page: 'secrets' }} target="_blank">
            Set the secret in Settings
          </Link>{' '}
          (opens a new tab), then save again.
        </p>
      )}
    </FormSection>
  )
}
