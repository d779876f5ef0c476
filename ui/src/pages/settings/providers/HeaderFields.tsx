import { Button, Input, TextInput } from '@mantine/core'
import classes from '../Settings.module.css'
import type { HeaderRow } from './providerForm.ts'

/** Headers that are sent with every request. Saved values are not shown: an empty field keeps them. */
export function HeaderFields({
  headers,
  error,
  onChange,
}: {
  headers: HeaderRow[]
  error: string | undefined
  onChange: (headers: HeaderRow[]) => void
}) {
  const edit = (at: number, change: Partial<HeaderRow>): void =>
    onChange(headers.map((row, index) => (index === at ? { ...row, ...change } : row)))
  return (
    <fieldset className={classes.headers}>
      <legend>Headers</legend>
      <p className={classes.more}>Sent with every request. Values are encrypted and never shown.</p>
      {headers.map((row, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows have no other identity while they are edited
        <div key={at} className={classes.headerRow}>
          <TextInput
            aria-label={`Name of header ${at + 1}`}
            placeholder="x-team"
            readOnly={row.saved}
            spellCheck={false}
            classNames={{ input: classes.mono }}
            value={row.name}
            onChange={(event) => edit(at, { name: event.currentTarget.value })}
            {...(at === 0 ? { 'data-field': 'headers' } : {})}
          />
          <TextInput
            aria-label={`Value of header ${at + 1}`}
            placeholder={row.saved ? 'Saved; type to replace it' : 'Value'}
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: classes.mono }}
            value={row.value}
            onChange={(event) => edit(at, { value: event.currentTarget.value })}
          />
          <Button
            variant="default"
            aria-label={`Remove header ${row.name || at + 1}`}
            onClick={() => onChange(headers.filter((_, index) => index !== at))}
          >
            Remove
          </Button>
        </div>
      ))}
      {error !== undefined && <Input.Error>{error}</Input.Error>}
      <div>
        <Button
          variant="default"
          size="xs"
          onClick={() => onChange([...headers, { name: '', value: '', saved: false }])}
        >
          Add header
        </Button>
      </div>
    </fieldset>
  )
}
