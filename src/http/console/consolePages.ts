/** The paths of the console, which its own router handles. All others return problem documents. */
export const CONSOLE_PAGES = [
  '/',
  '/sign-in',
  '/agents',
  '/agents/new',
  '/agents/:id',
  '/agents/:id/configure',
  '/agents/:id/schedules',
  '/agents/:id/tasks',
  '/agents/:id/webhooks/:webhook_id',
  '/approvals',
  '/rejections',
  '/rejections/:id',
  '/tasks',
  '/usage',
  '/tasks/:id',
  '/tasks/:id/compare/:other_id',
]
