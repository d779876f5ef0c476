import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Config } from '../../config/config.ts'
import { docsGpt } from './docsGpt.ts'

/** How the routes that callers of another server know are made to answer as that server does. */
export type Compat = {
  /** Wraps a group of such routes. The routes themselves know nothing of it. */
  wrap(group: FastifyPluginCallbackZod): FastifyPluginCallbackZod
  /** Routes that only the other server has. They need no key. */
  routes: FastifyPluginCallbackZod[]
}

const NONE: Compat = { wrap: (group) => group, routes: [] }

/** @param name of the other server; undefined for our own answers */
export function chooseCompat(name: Config['compat']): Compat {
  return name === 'docsgpt' ? docsGpt : NONE
}
