import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { agentsQuery, webhooksQuery } from '../../api/queries.ts'
import { filterChoices } from '../../lib/filterChoices.ts'
import { DEFAULT_RANGE, RANGES, type Range, type TaskSearch } from '../../lib/taskSearch.ts'
import { codesWithTitles } from './errorTitles.ts'
import { SearchField } from './SearchField.tsx'
import classes from './TaskFilters.module.css'

const ORIGINS = ['webhook', 'answer', 'stream', 'schedule', 'replay']

type Change = (changes: Partial<Record<keyof TaskSearch, string | number | undefined>>) => void

/** The filters of the list: the fields that are needed most, and the others behind a button. */
export function TaskFilters({
  search,
  onChange,
  children,
}: {
  search: TaskSearch
  onChange: Change
  /** At the end of the line. */
  children?: ReactNode
}) {
  const [open, setOpen] = useState(false)
  const panel = useId()
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data) ?? []
  const isCustom = search.since !== undefined || search.until !== undefined
  const range = isCustom ? 'custom' : (search.range ?? DEFAULT_RANGE)
  return (
    <div className={classes.filters}>
      <div className={classes.line}>
        <SearchField key={search.q ?? ''} text={search.q ?? ''} onSearch={(q) => onChange({ q })} />
        <NativeSelect
          aria-label="Time range"
          data={[
            ...Object.entries(RANGES).map(([value, { label }]) => ({ value, label })),
            { value: 'custom', label: 'Custom range' },
          ]}
          value={range}
          onChange={(event) => {
            const chosen = event.currentTarget.value
            if (chosen === 'custom') onChange({ range: undefined, since: dayAgo() })
            else onChange({ range: rangeIn(chosen as Range), since: undefined, until: undefined })
          }}
        />
        <NativeSelect
          aria-label="Agent"
          data={filterChoices(agents, { all: 'All agents', other: 'Another agent', chosen: search.agent })}
          value={search.agent ?? ''}
          onChange={(event) => onChange({ agent: event.currentTarget.value, webhook: undefined })}
        />
        <Button variant="default" aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          {open ? 'Fewer filters' : 'More filters'}
        </Button>
        {children}
      </div>
      {isCustom && (
        <div className={classes.line}>
          <TimeField label="From" value={search.since} onChange={(since) => onChange({ since })} />
          <TimeField label="Until" value={search.until} onChange={(until) => onChange({ until })} />
        </div>
      )}
      <div id={panel} className={classes.panel} hidden={!open}>
        {open && <MoreFilters search={search} onChange={onChange} />}
      </div>
    </div>
  )
}

function MoreFilters({ search, onChange }: { search: TaskSearch; onChange: Change }) {
  const { data: webhooks = [] } = useQuery({
    ...webhooksQuery(search.agent ?? ''),
    enabled: search.agent !== undefined,
  })
  return (
    <>
      <NativeSelect
        label="Webhook"
        description={search.agent === undefined ? 'Choose an agent first' : undefined}
        disabled={search.agent === undefined}
        data={filterChoices(webhooks, {
          all: 'All webhooks',
          other: 'Another webhook',
          chosen: search.webhook,
        })}
        value={search.webhook ?? ''}
        onChange={(event) => onChange({ webhook: event.currentTarget.value })}
      />
      <NativeSelect
        label="Error"
        data={[
          { value: '', label: 'Any' },
          ...codesWithTitles().map(({ code, title }) => ({ value: code, label: title })),
        ]}
        value={search.error ?? ''}
        onChange={(event) => onChange({ error: event.currentTarget.value })}
      />
      <NativeSelect
        label="Started by"
        data={[{ value: '', label: 'Anything' }, ...ORIGINS]}
        value={search.origin ?? ''}
        onChange={(event) => onChange({ origin: event.currentTarget.value })}
      />
      <Amount
        label="Ran at least"
        suffix=" s"
        value={search.seconds}
        onChange={(seconds) => onChange({ seconds })}
      />
      <Amount
        label="Cost at least (USD)"
        prefix="$"
        value={search.cost}
        onChange={(cost) => onChange({ cost })}
      />
    </>
  )
}

/** A number field that applies when it is left, or with Enter. */
function Amount({
  label,
  value,
  onChange,
  ...affix
}: {
  label: string
  prefix?: string
  suffix?: string
  value: number | undefined
  onChange: (value: number | undefined) => void
}) {
  const [typed, setTyped] = useState<string | number>(value ?? '')
  const commit = (): void => {
    const amount = Number(typed)
    onChange(typed !== '' && amount > 0 ? amount : undefined)
  }
  return (
    <NumberInput
      {...affix}
      label={label}
      min={0}
      hideControls
      value={typed}
      onChange={setTyped}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
      }}
    />
  )
}

/** A time in the viewer's time zone. */
function TimeField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      defaultValue={value === undefined ? '' : localTime(new Date(value))}
      onBlur={(event) => {
        const typed = event.currentTarget.value
        onChange(typed === '' ? undefined : new Date(typed).toISOString())
      }}
    />
  )
}

/** In the format of the browser's field. */
function localTime(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function dayAgo(): string {
  return new Date(Date.now() - 86_400_000).toISOString()
}

/** The default is left out of the URL. */
function rangeIn(range: Range): Range | undefined {
  return range === DEFAULT_RANGE ? undefined : range
}
