import { Button, CloseButton, Input, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Icon } from '../../../components/Icon.tsx'
import { JsonField } from './JsonField.tsx'
import { fromPairs, pairFaults, toPairs, type Pair } from './pairRows.ts'
import { TemplateField } from './TemplateField.tsx'
import classes from './Tools.module.css'

/** Names with values that are templates: headers, variables, credentials. In rows, or as JSON what rows cannot show. */
export function PairsField({
  label,
  description,
  noun,
  value,
  error,
  onChange,
}: {
  label: string
  description?: ReactNode
  /** What one of them is called. */
  noun: string
  value: unknown
  error?: string | undefined
  onChange: (value: unknown) => void
}) {
  // Rows may hold what the value cannot: they are kept as long as the value is the one that they made.
  const [typed, setTyped] = useState<{ rows: Pair[]; value: unknown }>()
  const rows = typed && typed.value === value ? typed.rows : toPairs(value)
  if (!rows) return <JsonField {...{ label, description, value, error, onChange }} />
  const faults = pairFaults(rows)

  function change(next: Pair[]): void {
    const made = fromPairs(next)
    setTyped({ rows: next, value: made })
    onChange(made)
  }
  const set = (at: number, part: Partial<Pair>): void =>
    change(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))

  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <div className={classes.pairs} role="group" aria-label={label}>
        {rows.map((row, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no other name that stays
          <div key={at} className={classes.pair}>
            <TextInput
              aria-label={`Name of ${noun} ${at + 1}`}
              placeholder="Name"
              value={row.name}
              error={faults[at]}
              spellCheck={false}
              classNames={{ input: classes.mono ?? '' }}
              onChange={(event) => set(at, { name: event.currentTarget.value })}
            />
            <TemplateField
              label={`Value of ${noun} ${row.name || at + 1}`}
              hideLabel
              placeholder="Value"
              value={row.value}
              onChange={(next) => set(at, { value: next })}
            />
            <CloseButton
              aria-label={`Remove ${noun} ${row.name || at + 1}`}
              onClick={() => change(rows.filter((_, index) => index !== at))}
            />
          </div>
        ))}
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => change([...rows, { name: '', value: '' }])}
          >
            Add {noun}
          </Button>
        </div>
      </div>
    </Input.Wrapper>
  )
}
