import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { UsageReport } from '../../../../src/contract/usageReport.ts'
import { usageQuery } from '../../api/usageQueries.ts'
import { Figures } from '../../components/Figures.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { TimeChart } from '../../components/TimeChart.tsx'
import { count, usd } from '../../lib/numbers.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { UsageTable } from './UsageTable.tsx'
import classes from './Usage.module.css'

const route = getRouteApi('/inside/usage')

const DAY_MS = 86_400_000
const PERIODS = [7, 30, 90]

/** Cost and tokens of model calls, by day, agent and model. */
export function Usage() {
  useTitle('Usage')
  const { days = 30 } = route.useSearch()
  const navigate = route.useNavigate()
  const byDay = useQuery(usageQuery(days, 'day'))
  const byAgent = useQuery(usageQuery(days, 'agent'))
  const byModel = useQuery(usageQuery(days, 'model'))
  const error = byDay.error ?? byAgent.error ?? byModel.error

  return (
    <>
      <PageHeader
        title="Usage"
        under="Model calls and what they cost. Days are in UTC."
        actions={
          <SegmentedControl
            aria-label="Period"
            data={PERIODS.map((each) => ({ value: String(each), label: `${each} d` }))}
            value={String(days)}
            onChange={(value) =>
              void navigate({ search: value === '30' ? {} : { days: Number(value) }, replace: true })
            }
          />
        }
      />
      {error && !byDay.data && <Problem error={error} />}
      {byDay.data ? <Days report={byDay.data} /> : !error && <Skeleton height="24rem" />}
      {byAgent.data && (
        <div className={classes.part}>
          <UsageTable
            title="By agent"
            rows={byAgent.data.data.map(({ agent_id: agentId = '', agent_name: name, ...totals }) => ({
              key: agentId,
              name:
                name == null ? (
                  'Deleted agent'
                ) : (
                  <Link to="/agents/$agentId" params={{ agentId }}>
                    {name}
                  </Link>
                ),
              totals,
            }))}
          />
        </div>
      )}
      {byModel.data && (
        <div className={classes.part}>
          <UsageTable
            title="By model"
            rows={byModel.data.data.map(({ model = '', ...totals }) => ({
              key: model,
              name: <code>{model}</code>,
              totals,
            }))}
          />
        </div>
      )}
    </>
  )
}

function Days({ report }: { report: UsageReport }) {
  const { total, from, to } = report
  const isPriced = Number(total.cost_usd ?? 0) > 0
  const bars = daysBetween(from, to).map((day) => {
    const used = report.data.find((row) => row.day === day)
    const tokens = (used?.input_tokens ?? 0) + (used?.output_tokens ?? 0)
    const label = new Date(day).toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    })
    return { from: day, label, value: isPriced ? Number(used?.cost_usd ?? 0) : tokens, bad: 0 }
  })
  return (
    <>
      <Figures
        figures={[
          {
            name: 'Cost',
            value: total.cost_usd == null ? 'No price' : usd(total.cost_usd),
            ...(total.unpriced_model_calls > 0
              ? { more: `without ${count(total.unpriced_model_calls)} calls that have no price` }
              : {}),
          },
          { name: 'Runs', value: count(total.runs) },
          { name: 'Model calls', value: count(total.model_calls) },
          {
            name: 'Input tokens',
            value: count(total.input_tokens),
            more: `${count(total.cached_input_tokens)} cached`,
          },
          {
            name: 'Output tokens',
            value: count(total.output_tokens),
            more: `${count(total.reasoning_tokens)} reasoning`,
          },
        ]}
      />
      <Panel title="By day">
        <TimeChart
          title={isPriced ? 'Cost per day' : 'Tokens per day'}
          bars={bars}
          names={{ value: isPriced ? 'spent' : 'tokens' }}
          format={(value) => (isPriced ? usd(String(value)) : count(value))}
        />
      </Panel>
    </>
  )
}

function daysBetween(from: string, to: string): string[] {
  const days: string[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10))
  }
  return days
}
