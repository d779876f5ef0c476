import { Budget } from '../../contract/agent.ts'
import { BUDGET_SETTING, parseBudget } from '../../tasks/budgets/budget.ts'
import { readSpending, readTotalSpending, type Amount } from '../../tasks/budgets/spending.ts'
import { TODAY } from '../../tasks/budgets/usage.ts'
import type { NewNotice } from '../notice.ts'
import type { Cause } from './cause.ts'

/** Shares of a daily budget, in percent. */
const LEVELS = [100, 80, 50]

type Budgeted = { agentId: string | undefined; name: string; budget: Budget; used: Amount }

/** Daily budgets of which a share is used up. Only the highest level that is reached is noticed. */
export const budgets: Cause = async (db, { budget: isWanted }) => {
  if (!isWanted) return []
  const { rows } = await db.query<{ agent_id: string; agent: string; budget: unknown }>(
    `select a.id as agent_id, a.name as agent, r.config -> 'budget' as budget from bellwire.agents a
      join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
      where a.deleted_at is null and r.config -> 'budget' is not null`,
  )
  const { rows: settings } = await db.query<{ day: string; value: string | null; keys: string[] | null }>(
    `select ${TODAY}::text as day, (select value from bellwire.settings where name = $1) as value,
      (select array_agg(key) from bellwire.notices where kind = 'budget' and created_at > now() - interval '2 days') as keys`,
    [BUDGET_SETTING],
  )
  const [setting] = settings
  if (!setting) return []
  const spending = await readSpending(
    db,
    rows.map((row) => row.agent_id),
  )
  const agents = rows.flatMap(({ agent_id: agentId, agent: name, budget }): Budgeted[] => {
    const used = spending.get(agentId)?.today
    const parsed = Budget.safeParse(budget)
    return used && parsed.success
      ? [{ agentId, name: `the daily budget of ${name}`, budget: parsed.data, used }]
      : []
  })
  const instance: Budgeted = {
    agentId: undefined,
    name: 'the daily budget of the instance',
    budget: parseBudget(setting.value),
    used: await readTotalSpending(db),
  }
  return [...agents, instance].flatMap((one) => noticeOf(one, setting.day, new Set(setting.keys)))
}

function noticeOf({ agentId, name, budget, used }: Budgeted, day: string, known: Set<string>): NewNotice[] {
  const share = Math.max(
    shareOf(used.cost, budget.max_cost_usd_per_day),
    shareOf(used.tokens, budget.max_tokens_per_day),
  )
  const level = LEVELS.find((percent) => share * 100 >= percent)
  if (level === undefined) return []
  const key = (percent: number): string => `budget:${agentId ?? 'instance'}:${day}:${percent}`
  if (LEVELS.some((percent) => percent >= level && known.has(key(percent)))) return []
  const title =
    level === 100
      ? `${name} is used up: new runs wait until the day ends in UTC`
      : `${name} is ${level}% used`
  return [{ key: key(level), kind: 'budget', title: title.charAt(0).toUpperCase() + title.slice(1), agentId }]
}

function shareOf(used: number, limit: number | undefined): number {
  return limit === undefined ? 0 : used / limit
}
