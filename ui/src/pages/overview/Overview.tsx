import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { Overview as OverviewData, OverviewPeriod } from '../../../../src/contract/overview.ts'
import { overviewQuery } from '../../api/overviewQueries.ts'
import { AddModelHint } from '../../components/AddModelHint.tsx'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Figures, type Figure } from '../../components/Figures.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { TimeChart } from '../../components/TimeChart.tsx'
import { count, percent } from '../../lib/numbers.ts'
import { duration, exactly, momentIn } from '../../lib/time.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Attention } from './Attention.tsx'
import classes from './Overview.module.css'
import { Spending } from './Spending.tsx'

const route = getRouteApi('/inside/')

const PERIODS: { value: OverviewPeriod; label: string; words: string }[] = [
  { value: '1h', label: '1 h', words: 'the last hour' },
  { value: '6h', label: '6 h', words: 'the last 6 hours' },
  { value: '24h', label: '24 h', words: 'the last 24 hours' },
  { value: '7d', label: '7 d', words: 'the last 7 days' },
  { value: '30d', label: '30 d', words: 'the last 30 days' },
]

/** A queue that is older than this does not keep up. */
const OLD_QUEUE_SECONDS = 60
/** Fewer successes than these are shown as a problem. */
const GOOD_RATE = 0.95

/** How everything is doing, and what needs a person. */
export function Overview() {
  useTitle('Overview')
  const { period = '24h' } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error } = useQuery(overviewQuery(period))

  return (
    <>
      <PageHeader
        title="Overview"
        under={`What happened in ${PERIODS.find(({ value }) => value === period)?.words ?? period}, and what needs you.`}
        actions={
          <SegmentedControl
            aria-label="Period"
            data={PERIODS.map(({ value, label }) => ({ value, label }))}
            value={period}
            onChange={(value) =>
              void navigate({
                search: value === '24h' ? {} : { period: value as OverviewPeriod },
                replace: true,
              })
            }
          />
        }
      />
      {error && !data && <Problem error={error} />}
      <div className={classes.hint}>
        <AddModelHint />
      </div>
      {data ? <Content data={data} /> : !error && <Skeleton height="30rem" />}
    </>
  )
}

function Content({ data }: { data: OverviewData }) {
  const { tasks, counted_back_to: countedBackTo } = data
  return (
    <>
      <Attention attention={data.attention} period={data.period} />
      {countedBackTo !== null && (
        <div className={classes.notice}>
          <Notice title={`Counted back to ${exactly(new Date(countedBackTo))}`}>
            There are too many tasks to count all of them in time. Choose a shorter period for exact numbers.
          </Notice>
        </div>
      )}
      <Figures figures={figuresOf(data)} />
      {tasks.total === 0 ? (
        <EmptyState
          title="No tasks in this period"
          action={
            <LinkButton to="/agents" variant="default">
              All agents
            </LinkButton>
          }
        >
          <p>
            Every request to an agent&rsquo;s URL becomes a task. Send a test from the agent&rsquo;s page.
          </p>
        </EmptyState>
      ) : (
        <Panel title="Tasks">
          <TimeChart
            title={`Tasks accepted, each bar ${duration(data.bucket_seconds * 1000).replace(/ 00 (?:s|min)$/, '')}`}
            names={{ value: 'tasks', bad: 'failed' }}
            bars={data.buckets.map(({ from, total, failed }) => ({
              from,
              label: momentIn(new Date(from), data.bucket_seconds * data.buckets.length),
              value: total,
              bad: failed,
            }))}
          />
        </Panel>
      )}
      <Spending spending={data.spending} />
    </>
  )
}

function figuresOf({ tasks, queue, workers }: OverviewData): Figure[] {
  const { success_rate: rate, p50_ms: p50, p95_ms: p95 } = tasks
  const ended = [
    [tasks.failed, 'failed'],
    [tasks.cancelled, 'cancelled'],
    [tasks.unfinished, 'unfinished'],
  ] as const
  const more = ended
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${count(number)} ${word}`)
    .join(', ')
  return [
    { name: 'Tasks', value: count(tasks.total), ...(more === '' ? {} : { more }) },
    {
      name: 'Success rate',
      value: rate === null ? '–' : percent(rate),
      ...(rate === null ? {} : { more: `of ${count(tasks.succeeded + tasks.failed)} ended` }),
      isBad: rate !== null && rate < GOOD_RATE,
    },
    { name: 'Median duration', value: p50 === null ? '–' : duration(p50), more: 'p50 of successes' },
    { name: '95th percentile', value: p95 === null ? '–' : duration(p95), more: 'p95 of successes' },
    {
      name: 'Queue age',
      value: queue.due === 0 ? 'Empty' : duration(queue.oldest_seconds * 1000),
      more: `${count(queue.due)} due, ${count(queue.later)} later`,
      isBad: queue.due > 0 && queue.oldest_seconds > OLD_QUEUE_SECONDS,
    },
    { name: 'Workers alive', value: count(workers.alive), isBad: workers.alive === 0 },
  ]
}
