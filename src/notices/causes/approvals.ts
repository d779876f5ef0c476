import { templateTitles } from '../../tasks/views/templateTitles.ts'
import { shorten, type NewNotice } from '../notice.ts'
import type { Cause } from './cause.ts'

/** Approvals that one look takes in. */
const LIMIT = 500

type Row = {
  id: string
  task_id: string
  agent_id: string
  agent: string
  tool: string
  question: string | null
  minutes: number
}

/** Approvals and questions that wait for a person, and reminders of those that still do. */
export const approvals: Cause = async (db, { approvals: isWanted, reminders_minutes: reminders }) => {
  if (!isWanted) return []
  const { rows } = await db.query<Row>({
    name: 'notices_approvals',
    text: `select p.id, p.task_id, p.agent_id, a.name as agent, p.tool, p.question,
        (extract(epoch from now() - p.created_at) / 60)::float8 as minutes
      from bellwire.approvals p join bellwire.agents a on a.id = p.agent_id
      where p.state = 'waiting' and p.callback_id is null order by p.id desc limit ${LIMIT}`,
  })
  const titles = await templateTitles(
    db,
    rows.map((row) => row.task_id),
  )
  return rows.flatMap((row) => noticesOf(row, reminders, titles.get(row.task_id)))
}

/**
 * The first notice, and the latest reminder that is due: earlier ones that were missed say nothing more.
 *
 * @param title what the task is called by the agent's template
 */
function noticesOf(row: Row, reminders: readonly number[], title: string | undefined): NewNotice[] {
  // Payloads are not sent to chats; a title is what the agent's author has chosen of one.
  const about = title === undefined ? '' : ` (${title})`
  const what =
    row.question === null
      ? `${row.agent} is waiting for approval to call ${row.tool}${about}`
      : `${row.agent} asks: ${shorten(row.question, 300)}${about}`
  const notice = (key: string, title: string): NewNotice => ({
    key: `approval:${row.id}${key}`,
    kind: 'approvals',
    title,
    agentId: row.agent_id,
    taskId: row.task_id,
    approvalId: row.id,
  })
  const due = reminders.filter((minutes) => minutes <= row.minutes)
  if (due.length === 0) return [notice('', what)]
  const latest = Math.max(...due)
  return [notice('', what), notice(`:${latest}`, `Reminder after ${sayMinutes(latest)}: ${what}`)]
}

function sayMinutes(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
}
