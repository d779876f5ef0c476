import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import type { OverviewPeriod } from '../../src/contract/overview.ts'
import { ApiError } from './api/apiError.ts'
import { sessionQuery } from './api/queries.ts'
import type { RejectionReason } from './api/types.ts'
import { basePath } from './lib/base.ts'
import { keepDataFor } from './lib/keptData.ts'
import { isReason } from './lib/reasons.ts'
import { readTaskSearch } from './lib/taskSearch.ts'
import { Broken, Missing } from './shell/Broken.tsx'
import { lazyPage as page } from './shell/lazyPage.ts'
import { Loading } from './shell/Loading.tsx'
import { Shell } from './shell/Shell.tsx'

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ next, error }): { next?: string; error?: string } => ({
    ...(isOwnPath(next) ? { next } : {}),
    ...(typeof error === 'string' && error !== '' ? { error } : {}),
  }),
  component: page(() => import('./pages/signIn/SignIn.tsx'), 'SignIn'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: page(() => import('./pages/signIn/UserLinkPage.tsx'), 'UserLinkPage'),
})

const passwordReset = createRoute({
  getParentRoute: () => root,
  path: '/password-reset',
  component: page(() => import('./pages/signIn/UserLinkPage.tsx'), 'UserLinkPage'),
})

/** Every route that needs a signed-in user. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    try {
      const { user, role } = await context.client.ensureQueryData(sessionQuery)
      keepDataFor(user?.id ?? `key or link: ${role}`)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        const next = location.pathname + location.searchStr
        redirect({ to: '/sign-in', search: next === '/' ? {} : { next }, replace: true, throw: true })
      }
      throw error
    }
  },
  component: Shell,
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  staticData: { width: 'wide' },
  validateSearch: ({ period }): { period?: OverviewPeriod } => (isPeriod(period) ? { period } : {}),
  component: page(() => import('./pages/overview/Overview.tsx'), 'Overview'),
})

const agents = createRoute({
  getParentRoute: () => inside,
  path: '/agents',
  staticData: { width: 'wide' },
  component: page(() => import('./pages/Agents.tsx'), 'Agents'),
})

const newAgent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/new',
  validateSearch: ({ from }): { from?: string } => (typeof from === 'string' ? { from } : {}),
  staticData: { width: 'page' },
  component: page(() => import('./pages/NewAgent.tsx'), 'NewAgent'),
})

const agent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/$agentId',
  component: page(() => import('./pages/agent/AgentPage.tsx'), 'AgentPage'),
})

const agentWebhook = createRoute({
  getParentRoute: () => agent,
  path: '/',
  component: page(() => import('./pages/agent/WebhookTab.tsx'), 'WebhookTab'),
})

const agentWebhookPage = createRoute({
  getParentRoute: () => agent,
  path: '/webhooks/$webhookId',
  component: page(() => import('./pages/webhook/WebhookPage.tsx'), 'WebhookPage'),
})

const agentSchedules = createRoute({
  getParentRoute: () => agent,
  path: '/schedules',
  component: page(() => import('./pages/schedule/SchedulesTab.tsx'), 'SchedulesTab'),
})

const agentConfigure = createRoute({
  getParentRoute: () => agent,
  path: '/configure',
  staticData: { width: 'page' },
  component: page(() => import('./pages/agent/ConfigureTab.tsx'), 'ConfigureTab'),
})

export type RevisionSearch = { from?: number; to?: number }

const agentRevisions = createRoute({
  getParentRoute: () => agent,
  path: '/revisions',
  validateSearch: ({ from, to }): RevisionSearch => ({
    ...(isRevision(from) ? { from } : {}),
    ...(isRevision(to) ? { to } : {}),
  }),
  component: page(() => import('./pages/agent/revisions/RevisionsTab.tsx'), 'RevisionsTab'),
})

const agentTasks = createRoute({
  getParentRoute: () => agent,
  path: '/tasks',
  staticData: { width: 'wide' },
  component: page(() => import('./pages/agent/TasksTab.tsx'), 'TasksTab'),
})

const tasks = createRoute({
  getParentRoute: () => inside,
  path: '/tasks',
  staticData: { width: 'wide' },
  validateSearch: readTaskSearch,
  component: page(() => import('./pages/Tasks.tsx'), 'Tasks'),
})

const task = createRoute({
  getParentRoute: () => inside,
  path: '/tasks/$taskId',
  staticData: { width: 'wide' },
  validateSearch: ({ step }): { step?: string } => (typeof step === 'string' && step !== '' ? { step } : {}),
  component: page(() => import('./pages/task/TaskPage.tsx'), 'TaskPage'),
})

const compare = createRoute({
  getParentRoute: () => inside,
  path: '/tasks/$taskId/compare/$otherId',
  staticData: { width: 'wide' },
  component: page(() => import('./pages/task/ComparePage.tsx'), 'ComparePage'),
})

export type ApprovalSearch = { state?: 'decided'; agent?: string; tool?: string }

const approvals = createRoute({
  getParentRoute: () => inside,
  path: '/approvals',
  staticData: { width: 'wide' },
  validateSearch: ({ state, agent: id, tool }): ApprovalSearch => ({
    ...(state === 'decided' ? { state } : {}),
    ...(typeof id === 'string' && id !== '' ? { agent: id } : {}),
    ...(typeof tool === 'string' && tool !== '' ? { tool } : {}),
  }),
  component: page(() => import('./pages/approvals/ApprovalsPage.tsx'), 'ApprovalsPage'),
})

export type RejectionSearch = { reason?: RejectionReason; agent?: string; webhook?: string }

const rejections = createRoute({
  getParentRoute: () => inside,
  path: '/rejections',
  staticData: { width: 'wide' },
  validateSearch: ({ reason, agent: id, webhook }): RejectionSearch => ({
    ...(isReason(reason) ? { reason } : {}),
    ...(typeof id === 'string' && id !== '' ? { agent: id } : {}),
    ...(typeof webhook === 'string' && webhook !== '' ? { webhook } : {}),
  }),
  component: page(() => import('./pages/rejection/Rejections.tsx'), 'Rejections'),
})

const rejection = createRoute({
  getParentRoute: () => inside,
  path: '/rejections/$rejectionId',
  component: page(() => import('./pages/rejection/RejectionPage.tsx'), 'RejectionPage'),
})

const schedules = createRoute({
  getParentRoute: () => inside,
  path: '/schedules',
  staticData: { width: 'wide' },
  component: page(() => import('./pages/schedule/SchedulesPage.tsx'), 'SchedulesPage'),
})

const usage = createRoute({
  getParentRoute: () => inside,
  path: '/usage',
  staticData: { width: 'wide' },
  validateSearch: ({ days }): { days?: number } => (days === 7 || days === 90 ? { days } : {}),
  component: page(() => import('./pages/usage/Usage.tsx'), 'Usage'),
})

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  beforeLoad: () => {
    redirect({ to: '/settings/$page', params: { page: 'providers' }, replace: true, throw: true })
  },
})

/** The pages themselves are in a table: src/pages/settings/settingsPages.ts. */
const settingsPage = createRoute({
  getParentRoute: () => inside,
  path: '/settings/$page',
  component: page(() => import('./pages/settings/Settings.tsx'), 'Settings'),
})

/** Any other address. */
const missing = createRoute({ getParentRoute: () => inside, path: '/$', component: Missing })

const tree = root.addChildren([
  signIn,
  invitation,
  passwordReset,
  inside.addChildren([
    home,
    agents,
    newAgent,
    agent.addChildren([
      agentWebhook,
      agentWebhookPage,
      agentSchedules,
      agentConfigure,
      agentRevisions,
      agentTasks,
    ]),
    tasks,
    task,
    compare,
    approvals,
    rejections,
    rejection,
    schedules,
    usage,
    settings,
    settingsPage,
    missing,
  ]),
])

/** The console's pages by path. The server has the same list. */
export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    basepath: basePath(),
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Missing,
    defaultPendingComponent: Loading,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
  interface StaticDataRouteOption {
    /**
     * How wide the content may be: tables use all available width, forms and texts a readable one. `page` is between.
     */
    width?: 'wide' | 'page' | 'form'
  }
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}

function isPeriod(value: unknown): value is OverviewPeriod {
  return typeof value === 'string' && ['1h', '6h', '24h', '7d', '30d'].includes(value)
}

/** Not another host: `//host` is one, and so is `/\host` to some browsers. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value)
}
