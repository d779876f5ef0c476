import { getRouteApi } from '@tanstack/react-router'
import { TaskRows } from '../task/TaskRows.tsx'

const route = getRouteApi('/inside/agents/$agentId')

/** What this agent was given to do. */
export function TasksTab() {
  const { agentId } = route.useParams()
  return <TaskRows filter={{ agentId }} live withAgent={false} />
}
