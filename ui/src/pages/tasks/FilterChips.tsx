import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { agentsQuery, webhooksQuery } from '../../api/queries.ts'
import { usd } from '../../lib/amounts.ts'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import { exactly } from '../../lib/time.ts'
import { titleOfError } from './errorTitles.ts'
import classes from './TaskFilters.module.css'

type Name = Exclude<keyof TaskSearch, 'state' | 'range' | 'group'>

/** The active filters other than state and range; each can be removed. */
export function FilterChips({ search, onRemove }: { search: TaskSearch; onRemove: (names: Name[]) => void }) {
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data)
  const { data: webhooks } = useQuery({
    ...webhooksQuery(search.agent ?? ''),
    enabled: search.agent !== undefined && search.webhook !== undefined,
  })
  const words: Record<Name, (value: string) => [name: string, value: string]> = {
    q: (text) => ['Text', text],
    agent: (id) => ['Agent', agents?.find((agent) => agent.id === id)?.name ?? id.slice(0, 13)],
    webhook: (id) => ['Webhook', webhooks?.find((webhook) => webhook.id === id)?.name ?? id.slice(0, 13)],
    error: (code) => ['Error', titleOfError(code)],
    origin: (origin) => ['Started by', origin],
    since: (time) => ['From', exactly(new Date(time))],
    until: (time) => ['Until', exactly(new Date(time))],
    seconds: (seconds) => ['Ran at least', `${seconds} s`],
    cost: (cost) => ['Cost at least', usd(cost)],
  }
  const names = (Object.keys(words) as Name[]).filter((name) => search[name] !== undefined)
  if (names.length === 0) return null
  return (
    <div className={classes.chips} role="group" aria-label="Active filters">
      {names.map((name): ReactNode => {
        const [label, value] = words[name](String(search[name]))
        return (
          <span key={name} className={classes.chip}>
            {label}: <b>{value}</b>
            <button
              type="button"
              className={classes.remove}
              aria-label={`Remove filter: ${label}`}
              onClick={() => onRemove(name === 'agent' ? ['agent', 'webhook'] : [name])}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </span>
        )
      })}
      {names.length > 1 && (
        <button type="button" className={classes.clear} onClick={() => onRemove(names)}>
          Clear all
        </button>
      )}
    </div>
  )
}
