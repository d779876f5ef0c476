/** The addresses that the console has; its own router tells them apart. All others stay problem documents. */
export const CONSOLE_PAGES = [
  '/',
  '/sign-in',
  '/agents',
  '/agents/new',
  '/agents/:id',
  '/agents/:id/configure',
  '/agents/:id/tasks',
  '/tasks',
  '/tasks/:id',
]
