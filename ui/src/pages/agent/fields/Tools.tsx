import { FormSection } from '../../../components/FormSection.tsx'
import { ToolsEditor } from '../tools/ToolsEditor.tsx'
import { useSavedTools } from '../tools/useSavedTools.ts'
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
    </FormSection>
  )
}
