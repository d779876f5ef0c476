import { getRouteApi } from '@tanstack/react-router'
import { TaskTable } from '../tasks/TaskTable.tsx'

const route = getRouteApi('/inside/agents/$agentId')

/** What this agent was given to do. */
export function TasksTab() {
  const { agentId } = route.useParams()
  return <TaskTable search={{ agent: agentId, range: 'all' }} live withAgent={false} />
}
