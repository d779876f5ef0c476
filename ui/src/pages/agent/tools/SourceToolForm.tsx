import { faultOf } from './toolFaults.ts'
import { JsonField } from './JsonField.tsx'
import { NumberMember, OtherMembers, TextMember } from './members.tsx'
import { PairsField } from './PairsField.tsx'
import { SourceChoices } from './SourceChoices.tsx'
import { withMember } from './toolList.ts'
import type { ToolFormProps } from './toolProps.ts'
import classes from './Tools.module.css'

const OPENAPI = [
  'type',
  'name',
  'url',
  'document',
  'operations',
  'server',
  'auth',
  'access',
  'approval',
  'timeout_seconds',
  'imported',
]
const MCP = [
  'type',
  'name',
  'url',
  'headers',
  'command',
  'args',
  'env',
  'tools',
  'access',
  'approval',
  'timeout_seconds',
  'imported',
]

/** Operations of an OpenAPI document. */
export function OpenApiToolForm(props: ToolFormProps) {
  const { tool, faults, onChange } = props
  const set = (member: string) => (value: unknown) => onChange(withMember(tool, member, value))
  const isPasted = tool['document'] !== undefined
  return (
    <>
      <Prefix {...props} example="shop_getOrder" />
      {isPasted ? (
        <JsonField
          label="Document"
          value={tool['document']}
          error={faultOf(faults, 'document')}
          onChange={set('document')}
        />
      ) : (
        <TextMember
          {...props}
          member="url"
          label="URL of the document"
          kind="template"
          required
          placeholder="https://api.example.com/openapi.json"
        />
      )}
      <TextMember
        {...props}
        member="server"
        label="Base URL"
        kind="template"
        placeholder="The first server of the document"
      />
      <PairsField
        label="Credentials"
        noun="credential"
        description="By security scheme name, as in the document. For Basic, enter user:password."
        value={tool['auth']}
        error={faultOf(faults, 'auth')}
        onChange={set('auth')}
      />
      <SourceChoices {...props} member="operations" />
      <OtherMembers tool={tool} known={OPENAPI} />
    </>
  )
}

/** Tools of an MCP server. */
export function McpToolForm(props: ToolFormProps) {
  const { tool, faults, onChange } = props
  const set = (member: string) => (value: unknown) => onChange(withMember(tool, member, value))
  const isProgram = tool['command'] !== undefined
  return (
    <>
      <Prefix {...props} example="notes_search" />
      {isProgram ? (
        <>
          <TextMember {...props} member="command" label="Command" kind="name" required placeholder="npx" />
          <JsonField
            label="Arguments of the command"
            placeholder={'["-y", "@modelcontextprotocol/server-everything"]'}
            value={tool['args']}
            error={faultOf(faults, 'args')}
            onChange={set('args')}
          />
          <PairsField
            label="Environment"
            noun="variable"
            value={tool['env']}
            error={faultOf(faults, 'env')}
            onChange={set('env')}
          />
        </>
      ) : (
        <>
          <TextMember
            {...props}
            member="url"
            label="URL of the server"
            kind="template"
            required
            placeholder="https://mcp.example.com/mcp"
          />
          <PairsField
            label="Headers"
            noun="header"
            value={tool['headers']}
            error={faultOf(faults, 'headers')}
            onChange={set('headers')}
          />
        </>
      )}
      <SourceChoices {...props} member="tools" />
      <OtherMembers tool={tool} known={MCP} />
    </>
  )
}

function Prefix({ example, ...props }: ToolFormProps & { example: string }) {
  return (
    <div className={classes.columns}>
      <TextMember
        {...props}
        member="name"
        label="Name"
        kind="name"
        required
        description={`Prefix for its tool names: ${example}`}
      />
      <NumberMember
        {...props}
        member="timeout_seconds"
        label="Timeout (seconds)"
        description="For one call"
        placeholder="The agent’s limit"
      />
    </div>
  )
}
