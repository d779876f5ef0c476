import type { Showcase } from './showcase.ts'

/** Every page of the console: a name, its path, and a text that is visible once it has loaded. */
export function consolePages({
  agents,
  failed,
  waiting,
  succeeded,
  webhook,
}: Showcase): [string, string, string][] {
  const triage = agents['Issue triage'] ?? ''
  const report = agents['Morning report'] ?? ''
  return [
    ['overview', '/', 'Needs attention'],
    ['overview-month', '/?period=30d', 'Needs attention'],
    ['usage', '/usage', 'By model'],
    ['settings-providers', '/settings/providers', 'Add provider'],
    ['settings-secrets', '/settings/secrets', 'Add secret'],
    ['settings-prices', '/settings/prices', 'Set price'],
    ['settings-budgets', '/settings/budgets', 'Budgets'],
    ['settings-api-keys', '/settings/api-keys', 'Create key'],
    ['settings-people', '/settings/people', 'Invite'],
    ['settings-sessions', '/settings/sessions', 'this browser'],
    ['settings-audit', '/settings/audit', 'Create agent'],
    ['settings-notices', '/settings/notices', 'Add channel'],
    ['settings-retention', '/settings/retention', 'BELLWIRE_KEEP_TASKS_DAYS'],
    ['settings-health', '/settings/health', 'Workers alive'],
    ['agents', '/agents', 'Issue triage'],
    ['new-agent', '/agents/new', 'Up to date'],
    ['agent', `/agents/${triage}`, 'Send test'],
    ['agent-webhook', `/agents/${triage}/webhooks/${webhook}`, 'Callback'],
    ['agent-configure', `/agents/${triage}/configure`, 'Up to date'],
    ['agent-revisions', `/agents/${triage}/revisions?to=3`, 'Instructions'],
    ['agent-schedules', `/agents/${report}/schedules`, 'Weekday mornings'],
    ['agent-tasks', `/agents/${triage}/tasks`, 'Success'],
    ['tasks', '/tasks', 'Success'],
    ['tasks-by-error', '/tasks?state=FAILURE&group=error&range=all', 'Replay all'],
    ['approvals', '/approvals', 'Approve'],
    ['task-success', `/tasks/${succeeded}`, 'duplicate of #482'],
    ['task-failure', `/tasks/${failed}`, 'Failure'],
    ['task-waiting', `/tasks/${waiting}`, 'Approve'],
    ['schedules', '/schedules', 'Weekday mornings'],
    ['rejections', '/rejections', 'No signature'],
    ['missing', '/nowhere', 'Page not found'],
  ]
}
