import { Button, Checkbox, CloseButton, Input, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../../../components/Icon.tsx'
import { JsonField } from './JsonField.tsx'
import {
  fromParameters,
  parameterFaults,
  toParameters,
  TYPES,
  typeOf,
  type Parameter,
} from './parameterRows.ts'
import { withMember } from './toolList.ts'
import classes from './Tools.module.css'

/** The parameters of a tool: a row for each, or the whole JSON Schema. */
export function ParametersField({
  value,
  error,
  onChange,
}: {
  value: unknown
  error: string | undefined
  onChange: (value: unknown) => void
}) {
  const [typed, setTyped] = useState<{ rows: Parameter[]; value: unknown; base: unknown }>()
  const [wantsJson, setWantsJson] = useState(false)
  const own = typed && typed.value === value ? typed : undefined
  const rows = own?.rows ?? toParameters(value)
  // What rows do not show comes from the schema that they were made from.
  const base = own ? own.base : value
  const asJson = wantsJson || !rows
  return (
    <div className={classes.parameters} role="group" aria-label="Parameters">
      <div className={classes.parametersHead}>
        <Input.Label labelElement="div">Parameters</Input.Label>
        {rows && (
          <Button variant="subtle" size="compact-xs" onClick={() => setWantsJson(!wantsJson)}>
            {asJson ? 'Edit in rows' : 'Edit as JSON Schema'}
          </Button>
        )}
      </div>
      <Input.Description>What the model sends with a call.</Input.Description>
      {asJson ? (
        <JsonField label="JSON Schema of the parameters" value={value} error={error} onChange={onChange} />
      ) : (
        <>
          <Rows
            rows={rows}
            onChange={(next) => {
              const made = fromParameters(next, base)
              setTyped({ rows: next, value: made, base })
              onChange(made)
            }}
          />
          {error !== undefined && <Input.Error>{error}</Input.Error>}
        </>
      )}
    </div>
  )
}

function Rows({ rows, onChange }: { rows: Parameter[]; onChange: (rows: Parameter[]) => void }) {
  const faults = parameterFaults(rows)
  const set = (at: number, part: Partial<Parameter>): void =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))

  return (
    <>
      {rows.map((row, at) => {
        const { name, schema, required } = row
        const type = typeOf(schema)
        const called = name === '' ? `parameter ${at + 1}` : name
        const description = schema['description']
        return (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no other name that stays
          <div key={at} className={classes.parameter}>
            <TextInput
              aria-label={`Name of parameter ${at + 1}`}
              placeholder="Name"
              value={name}
              error={faults[at]}
              spellCheck={false}
              classNames={{ input: classes.mono ?? '' }}
              onChange={(event) => set(at, { name: event.currentTarget.value })}
            />
            <NativeSelect
              aria-label={`Type of ${called}`}
              data={[...(type ? [] : [{ value: '', label: 'JSON Schema' }]), ...TYPES]}
              value={type ?? ''}
              onChange={(event) => set(at, { schema: withMember(schema, 'type', event.currentTarget.value) })}
            />
            <TextInput
              className={classes.grow}
              aria-label={`Description of ${called}`}
              placeholder="Description for the model"
              value={typeof description === 'string' ? description : ''}
              onChange={(event) =>
                set(at, {
                  schema: withMember(schema, 'description', event.currentTarget.value || undefined),
                })
              }
            />
            <Checkbox
              label="Required"
              aria-label={`${called} is required`}
              checked={required}
              onChange={(event) => set(at, { required: event.currentTarget.checked })}
            />
            <CloseButton
              aria-label={`Remove ${called}`}
              onClick={() => onChange(rows.filter((_, index) => index !== at))}
            />
          </div>
        )
      })}
      <div>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => onChange([...rows, { name: '', schema: { type: 'string' }, required: true }])}
        >
          Add parameter
        </Button>
      </div>
    </>
  )
}
