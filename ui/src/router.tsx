import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiError } from './api/apiError.ts'
import { sessionQuery } from './api/queries.ts'
import type { RejectionReason, TaskState } from './api/types.ts'
import { basePath } from './lib/base.ts'
import { isReason } from './lib/reasons.ts'
import { Broken, Missing } from './shell/Broken.tsx'
import { Shell } from './shell/Shell.tsx'

const STATES: readonly string[] = ['PENDING', 'STARTED', 'WAITING', 'SUCCESS', 'FAILURE', 'CANCELLED']

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ next }): { next?: string } => (isOwnPath(next) ? { next } : {}),
  component: lazyRouteComponent(() => import('./pages/SignIn.tsx'), 'SignIn'),
})

/** Everything that needs somebody signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(sessionQuery)
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
  beforeLoad: () => {
    redirect({ to: '/agents', replace: true, throw: true })
  },
})

const agents = createRoute({
  getParentRoute: () => inside,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/Agents.tsx'), 'Agents'),
})

const newAgent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/new',
  component: lazyRouteComponent(() => import('./pages/NewAgent.tsx'), 'NewAgent'),
})

const agent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/$agentId',
  component: lazyRouteComponent(() => import('./pages/agent/AgentPage.tsx'), 'AgentPage'),
})

const agentWebhook = createRoute({
  getParentRoute: () => agent,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/agent/WebhookTab.tsx'), 'WebhookTab'),
})

const agentWebhookPage = createRoute({
  getParentRoute: () => agent,
  path: '/webhooks/$webhookId',
  component: lazyRouteComponent(() => import('./pages/webhook/WebhookPage.tsx'), 'WebhookPage'),
})

const agentSchedules = createRoute({
  getParentRoute: () => agent,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./pages/schedule/SchedulesTab.tsx'), 'SchedulesTab'),
})

const agentConfigure = createRoute({
  getParentRoute: () => agent,
  path: '/configure',
  component: lazyRouteComponent(() => import('./pages/agent/ConfigureTab.tsx'), 'ConfigureTab'),
})

const agentTasks = createRoute({
  getParentRoute: () => agent,
  path: '/tasks',
  component: lazyRouteComponent(() => import('./pages/agent/TasksTab.tsx'), 'TasksTab'),
})

export type TaskSearch = { state?: TaskState; agent?: string; q?: string }

const tasks = createRoute({
  getParentRoute: () => inside,
  path: '/tasks',
  validateSearch: ({ state, agent: id, q }): TaskSearch => ({
    ...(isState(state) ? { state } : {}),
    ...(typeof id === 'string' && id !== '' ? { agent: id } : {}),
    // A text of digits is read as a number.
    ...(typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/Tasks.tsx'), 'Tasks'),
})

const task = createRoute({
  getParentRoute: () => inside,
  path: '/tasks/$taskId',
  component: lazyRouteComponent(() => import('./pages/task/TaskPage.tsx'), 'TaskPage'),
})

const approvals = createRoute({
  getParentRoute: () => inside,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./pages/Approvals.tsx'), 'Approvals'),
})

export type RejectionSearch = { reason?: RejectionReason; agent?: string; webhook?: string }

const rejections = createRoute({
  getParentRoute: () => inside,
  path: '/rejections',
  validateSearch: ({ reason, agent: id, webhook }): RejectionSearch => ({
    ...(isReason(reason) ? { reason } : {}),
    ...(typeof id === 'string' && id !== '' ? { agent: id } : {}),
    ...(typeof webhook === 'string' && webhook !== '' ? { webhook } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/rejection/Rejections.tsx'), 'Rejections'),
})

const rejection = createRoute({
  getParentRoute: () => inside,
  path: '/rejections/$rejectionId',
  component: lazyRouteComponent(() => import('./pages/rejection/RejectionPage.tsx'), 'RejectionPage'),
})

const tree = root.addChildren([
  signIn,
  inside.addChildren([
    home,
    agents,
    newAgent,
    agent.addChildren([agentWebhook, agentWebhookPage, agentSchedules, agentConfigure, agentTasks]),
    tasks,
    task,
    approvals,
    rejections,
    rejection,
  ]),
])

/** The pages of the console by their addresses. The server knows the same list. */
export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    basepath: basePath(),
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Missing,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}

function isState(value: unknown): value is TaskState {
  return typeof value === 'string' && STATES.includes(value)
}

/** Not another host: `//host` is one, and `/\host` to some browsers. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value)
}
