import { isObject } from '../../../../../src/contract/jsonObject.ts'
import { HttpToolForm } from './HttpToolForm.tsx'
import { JsonField } from './JsonField.tsx'
import { OtherMembers } from './members.tsx'
import { McpToolForm, OpenApiToolForm } from './SourceToolForm.tsx'
import { Draft } from './toolList.ts'
import type { ToolFormProps } from './toolProps.ts'
import classes from './Tools.module.css'

const FORMS: Record<string, (props: ToolFormProps) => React.ReactNode> = {
  http: HttpToolForm,
  openapi: OpenApiToolForm,
  mcp: McpToolForm,
  builtin: BuiltinToolForm,
}

/** Edits one tool: in the form of its type, or as JSON when there is none. */
export function ToolEditor({
  tool,
  onChange,
  ...props
}: Omit<ToolFormProps, 'tool' | 'onChange'> & { tool: unknown; onChange: (tool: unknown) => void }) {
  const type = isObject(tool) && !(tool instanceof Draft) ? tool['type'] : undefined
  const Form = typeof type === 'string' && Object.hasOwn(FORMS, type) ? FORMS[type] : undefined
  if (Form && isObject(tool)) return <Form tool={tool} onChange={onChange} {...props} />
  return (
    <JsonField
      label="Tool as JSON"
      description={
        <>
          A tool has a <code>type</code>: http, openapi, mcp or builtin.
        </>
      }
      value={tool}
      error={Object.values(props.faults).join('\n') || undefined}
      onChange={(value) => onChange(value ?? {})}
    />
  )
}

function BuiltinToolForm({ tool }: ToolFormProps) {
  return (
    <>
      <p className={classes.hint}>This built-in tool has no settings.</p>
      <OtherMembers tool={tool} known={['type', 'name']} />
    </>
  )
}
