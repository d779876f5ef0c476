import type { TaskState } from '../api/types.ts'

/** Time ranges of the task list, in milliseconds before now. */
export const RANGES = {
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 7 * 86_400_000 },
  '30d': { label: 'Last 30 days', ms: 30 * 86_400_000 },
  all: { label: 'All time', ms: undefined },
} as const
export type Range = keyof typeof RANGES

/** The range of a list whose URL has none. */
export const DEFAULT_RANGE: Range = '24h'

export const STATES: readonly TaskState[] = [
  'FAILURE',
  'WAITING',
  'STARTED',
  'PENDING',
  'SUCCESS',
  'CANCELLED',
]

/** Which tasks a list shows, as given by its URL. */
export type TaskSearch = {
  state?: TaskState
  agent?: string
  webhook?: string
  /** An error code. */
  error?: string
  origin?: string
  range?: Range
  /** Times (ISO 8601) that replace a range. */
  since?: string
  until?: string
  q?: string
  /** Ran for at least this many seconds. */
  seconds?: number
  /** Cost at least this many US dollars. */
  cost?: number
  /** Shows the errors, each with its tasks, instead of the tasks. */
  group?: 'error'
}

/** Reads the query of a URL; anything invalid is left out. */
export function readTaskSearch(raw: Record<string, unknown>): TaskSearch {
  const search: TaskSearch = {}
  if (isState(raw['state'])) search.state = raw['state']
  for (const name of ['agent', 'webhook', 'error', 'origin', 'q'] as const) {
    const text = textOf(raw[name])
    if (text !== undefined) search[name] = text
  }
  for (const name of ['since', 'until'] as const) {
    const text = textOf(raw[name])
    if (text !== undefined && !Number.isNaN(Date.parse(text))) search[name] = text
  }
  const range = raw['range']
  if (typeof range === 'string' && Object.hasOwn(RANGES, range)) search.range = range as Range
  for (const name of ['seconds', 'cost'] as const) {
    const amount = Number(raw[name])
    if (raw[name] !== undefined && raw[name] !== '' && amount > 0 && Number.isFinite(amount)) {
      search[name] = amount
    }
  }
  if (raw['group'] === 'error') search.group = 'error'
  return search
}

/** The API parameters of a search. A range becomes a time at each call, so that the query key does not change. */
export function taskParameters(
  search: TaskSearch,
  now = Date.now(),
): Record<string, string | number | undefined> {
  const { ms } = RANGES[search.range ?? DEFAULT_RANGE]
  const isCustom = search.since !== undefined || search.until !== undefined
  return {
    q: search.q,
    state: search.state,
    agent_id: search.agent,
    webhook_id: search.webhook,
    error_code: search.error,
    origin: search.origin,
    since: isCustom
      ? isoOf(search.since)
      : ms === undefined
        ? '1970-01-01'
        : new Date(now - ms).toISOString(),
    until: isoOf(search.until),
    min_seconds: search.seconds,
    min_cost_usd: search.cost,
  }
}

/** Whether the list shows fewer tasks than its range contains. */
export function isFiltered({
  range: _range,
  since: _since,
  until: _until,
  group: _group,
  ...rest
}: TaskSearch): boolean {
  return Object.keys(rest).length > 0
}

/** Whether two searches are the same, regardless of the order of their fields. */
export function isSameSearch(one: TaskSearch, other: TaskSearch): boolean {
  return canonical(one) === canonical(other)
}

function canonical(search: TaskSearch): string {
  return JSON.stringify(Object.entries(search).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isoOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}

/** The router parses a text of digits as a number. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isState(value: unknown): value is TaskState {
  return STATES.some((state) => state === value)
}
