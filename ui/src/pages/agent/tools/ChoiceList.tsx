import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../../../components/Icon.tsx'
import type { Choice } from './choices.ts'
import classes from './ChoiceList.module.css'

/** Rows that are shown at once; a search finds the others. */
const MOST_SHOWN = 200

/** A searchable list of what a source offers, with a checkbox for each, and the settings of what is chosen. */
export function ChoiceList({
  noun,
  choices,
  onChoose,
  onSet,
}: {
  /** What one of them is called. */
  noun: string
  choices: readonly Choice[]
  onChoose: (names: string[]) => void
  onSet: (field: 'access' | 'approval', setting: { name: string; value: string }) => void
}) {
  const [search, setSearch] = useState('')
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = choices.filter((one) => words.every((word) => textOf(one).includes(word)))
  const shown = found.slice(0, MOST_SHOWN)
  const chosen = choices.filter((one) => one.chosen)
  const names = chosen.map(({ name }) => name)
  const reads = found.filter((one) => isRead(one) && one.fault === undefined && !one.chosen)

  return (
    <div className={classes.frame}>
      <div className={classes.bar}>
        <TextInput
          className={classes.search}
          size="xs"
          aria-label={`Search ${noun}s`}
          placeholder={`Search ${choices.length} ${noun}${choices.length === 1 ? '' : 's'}`}
          leftSection={<Icon name="search" size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          // It is not the button of the form around it.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        />
        <span className={classes.count} role="status">
          {chosen.length} chosen
        </span>
        <Button
          variant="default"
          size="compact-xs"
          disabled={reads.length === 0}
          onClick={() => onChoose([...names, ...reads.map(({ name }) => name)])}
        >
          Choose all reads
        </Button>
        <Button
          variant="default"
          size="compact-xs"
          disabled={chosen.length === 0}
          onClick={() => onChoose([])}
        >
          Clear
        </Button>
      </div>
      <ul className={classes.list} aria-label={`${noun}s`}>
        {shown.map((one) => (
          <Row
            key={one.name}
            choice={one}
            onToggle={() =>
              onChoose(one.chosen ? names.filter((name) => name !== one.name) : [...names, one.name])
            }
            onSet={onSet}
          />
        ))}
        {shown.length === 0 && <li className={classes.none}>Nothing matches.</li>}
        {found.length > shown.length && (
          <li className={classes.none}>{found.length - shown.length} more: search to find them.</li>
        )}
      </ul>
    </div>
  )
}

function Row({
  choice,
  onToggle,
  onSet,
}: {
  choice: Choice
  onToggle: () => void
  onSet: (field: 'access' | 'approval', setting: { name: string; value: string }) => void
}) {
  const { name, method, path, summary, access, approval, deprecated, fault, chosen } = choice
  const call = method === undefined ? '' : `${method} ${path}`
  return (
    <li className={classes.row} data-bad={fault !== undefined || undefined}>
      <Checkbox
        size="xs"
        checked={chosen}
        disabled={fault !== undefined && !chosen}
        onChange={onToggle}
        label={<span className={classes.name}>{name}</span>}
        description={
          <>
            {call !== '' && call !== name && <span className={classes.call}>{call} </span>}
            {summary}
            {deprecated && ' (deprecated)'}
          </>
        }
        error={fault}
      />
      {chosen ? (
        <div className={classes.settings}>
          <NativeSelect
            size="xs"
            aria-label={`Access of ${name}`}
            data={[
              { value: '', label: access === 'read' ? 'Read (default)' : 'Write (default)' },
              { value: 'read', label: 'Read' },
              { value: 'write', label: 'Write' },
            ]}
            value={choice.ownAccess}
            onChange={(event) => onSet('access', { name, value: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label={`Approval of ${name}`}
            data={[
              {
                value: '',
                label: approval === 'always' ? 'Approval: always (default)' : 'Approval: default',
              },
              { value: 'never', label: 'Approval: never' },
              { value: 'unverified', label: 'Approval: if unverified' },
              { value: 'always', label: 'Approval: always' },
            ]}
            value={choice.ownApproval}
            onChange={(event) => onSet('approval', { name, value: event.currentTarget.value })}
          />
        </div>
      ) : (
        <span className={classes.access} data-write={access === 'write' || undefined}>
          {access === 'read' ? 'Read' : 'Write'}
        </span>
      )}
    </li>
  )
}

function isRead({ access, ownAccess }: Choice): boolean {
  return (ownAccess || access) === 'read'
}

function textOf({ name, method = '', path = '', summary }: Choice): string {
  return `${name} ${method} ${path} ${summary}`.toLowerCase()
}
