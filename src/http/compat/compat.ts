import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'

/** How the routes that callers of another server know are made to answer as that server does. */
export type Compat = {
  /** Wraps a group of such routes. The routes themselves know nothing of it. */
  wrap(group: FastifyPluginCallbackZod): FastifyPluginCallbackZod
  /** Routes that only the other server has. They need no key. */
  routes: FastifyPluginCallbackZod[]
}
