import { Switch } from '@mantine/core'
import { faultOf } from './toolFaults.ts'
import { ChoiceMember, NumberMember, OtherMembers, TextMember } from './members.tsx'
import { PairsField } from './PairsField.tsx'
import { ParametersField } from './ParametersField.tsx'
import { withMember } from './toolList.ts'
import type { ToolFormProps } from './toolProps.ts'
import classes from './Tools.module.css'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((value) => ({ value, label: value }))

export const APPROVAL_CHOICES = [
  { value: 'never', label: 'Never' },
  { value: 'unverified', label: 'If the sender is not verified' },
  { value: 'always', label: 'Always' },
]

const KNOWN = [
  'type',
  'name',
  'description',
  'method',
  'url',
  'parameters',
  'headers',
  'body',
  'access',
  'idempotent',
  'approval',
  'timeout_seconds',
]

/** All fields of a tool that makes one HTTP call. */
export function HttpToolForm(props: ToolFormProps) {
  const { tool, faults, onChange } = props
  const set = (member: string) => (value: unknown) => onChange(withMember(tool, member, value))
  const method = tool['method'] ?? 'GET'
  const isWrite = tool['access'] === 'write'
  const hasIdempotency = isWrite || tool['idempotent'] !== undefined
  return (
    <>
      <div className={classes.columns}>
        <TextMember {...props} member="name" label="Name" kind="name" required placeholder="search_issues" />
        <ChoiceMember
          {...props}
          member="access"
          label="Access"
          choices={[
            { value: 'read', label: 'Read: changes nothing' },
            { value: 'write', label: 'Write: changes something' },
          ]}
        />
      </div>
      <TextMember
        {...props}
        member="description"
        label="Description"
        kind="long"
        required
        placeholder="What the tool does, and when the model should use it"
      />
      <div className={classes.request}>
        <ChoiceMember {...props} member="method" label="Method" choices={METHODS} absent="GET (default)" />
        <TextMember
          {...props}
          member="url"
          label="URL"
          kind="template"
          required
          placeholder="https://api.example.com/items/{{ id }}"
        />
      </div>
      <ParametersField
        value={tool['parameters']}
        error={faultOf(faults, 'parameters')}
        onChange={set('parameters')}
      />
      <PairsField
        label="Headers"
        noun="header"
        value={tool['headers']}
        error={faultOf(faults, 'headers')}
        onChange={set('headers')}
      />
      {(method !== 'GET' || tool['body'] !== undefined) && (
        <TextMember
          {...props}
          member="body"
          label="Body"
          kind="long template"
          description={
            <>
              If empty, the arguments are sent as JSON. Write values with the filter <code>json</code>.
            </>
          }
          placeholder={'{ "text": {{ text | json }} }'}
        />
      )}
      <div className={classes.columns}>
        <ChoiceMember
          {...props}
          member="approval"
          label="Approval"
          choices={APPROVAL_CHOICES}
          absent="Use the agent’s setting"
        />
        <NumberMember
          {...props}
          member="timeout_seconds"
          label="Timeout (seconds)"
          placeholder="The agent’s limit"
        />
      </div>
      {hasIdempotency && (
        <Switch
          label="The endpoint honours Idempotency-Key"
          description="If so, an interrupted call is repeated with the same key."
          checked={tool['idempotent'] === true}
          onChange={(event) => set('idempotent')(event.currentTarget.checked ? true : undefined)}
        />
      )}
      <OtherMembers tool={tool} known={KNOWN} />
    </>
  )
}
