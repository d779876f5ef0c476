import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Overview } from '../../../../src/contract/overview.ts'
import { Panel } from '../../components/Panel.tsx'
import { count, usd } from '../../lib/numbers.ts'
import classes from './Overview.module.css'

type Spent = { cost_usd: string | null; tokens: number; runs: number }

/** What was spent, by agent and by model. */
export function Spending({ spending }: { spending: Overview['spending'] }) {
  const { agents, models, total, from, to } = spending
  if (agents.length === 0) return null
  const days = from === to ? `${to} (UTC)` : `${from} to ${to} (UTC)`
  return (
    <div className={classes.spending}>
      <Panel title="Cost by agent" aside={<span className={classes.dim}>{amount(total)}</span>}>
        <Bars
          rows={agents.map((row) => ({
            key: row.agent_id,
            name: (
              <Link to="/agents/$agentId" params={{ agentId: row.agent_id }}>
                {row.agent_name === '' ? 'Deleted agent' : row.agent_name}
              </Link>
            ),
            ...row,
          }))}
        />
      </Panel>
      <Panel title="Cost by model" aside={<span className={classes.dim}>{days}</span>}>
        <Bars rows={models.map((row) => ({ key: row.model, name: <code>{row.model}</code>, ...row }))} />
      </Panel>
    </div>
  )
}

function Bars({ rows }: { rows: (Spent & { key: string; name: ReactNode })[] }) {
  const most = Math.max(...rows.map(({ cost_usd: cost }) => Number(cost ?? 0)))
  const mostTokens = Math.max(1, ...rows.map(({ tokens }) => tokens))
  // Without prices, tokens are what can be compared.
  const share = ({ cost_usd: cost, tokens }: Spent): number =>
    most > 0 ? Number(cost ?? 0) / most : tokens / mostTokens
  return (
    <ul className={classes.bars}>
      {rows.map((row) => (
        <li key={row.key}>
          <span className={classes.name}>{row.name}</span>
          <span>
            {amount(row)} <span className={classes.dim}>· {count(row.tokens)} tokens</span>
          </span>
          <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect width={100 * share(row)} height="1" />
          </svg>
        </li>
      ))}
    </ul>
  )
}

function amount({ cost_usd: cost }: { cost_usd: string | null }): string {
  return cost === null ? 'No price' : usd(cost)
}
