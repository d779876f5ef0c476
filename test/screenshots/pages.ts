import type { Showcase } from './showcase.ts'

/** Every page of the console: a name, its path, and a text that is visible once it has loaded. */
export function consolePages({ agents, failed, waiting, succeeded }: Showcase): [string, string, string][] {
  const triage = agents['Issue triage'] ?? ''
  const report = agents['Morning report'] ?? ''
  return [
    ['overview', '/', 'Needs attention'],
    ['overview-month', '/?period=30d', 'Needs attention'],
    ['usage', '/usage', 'By model'],
    ['settings', '/settings', 'Workers alive'],
    ['agents', '/agents', 'Issue triage'],
    ['new-agent', '/agents/new', 'Up to date'],
    ['agent', `/agents/${triage}`, 'Send test'],
    ['agent-configure', `/agents/${triage}/configure`, 'Up to date'],
    ['agent-schedules', `/agents/${report}/schedules`, 'Weekday mornings'],
    ['agent-tasks', `/agents/${triage}/tasks`, 'Success'],
    ['tasks', '/tasks', 'Success'],
    ['tasks-by-error', '/tasks?state=FAILURE&group=error&range=all', 'Replay all'],
    ['approvals', '/approvals', 'Approve'],
    ['task-success', `/tasks/${succeeded}`, 'duplicate of #482'],
    ['task-failure', `/tasks/${failed}`, 'Failure'],
    ['task-waiting', `/tasks/${waiting}`, 'Approve'],
    ['rejections', '/rejections', 'No signature'],
    ['missing', '/nowhere', 'Page not found'],
  ]
}
