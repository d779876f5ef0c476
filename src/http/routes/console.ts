import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { CONSOLE_PAGES } from '../console/consolePages.ts'
import { consolePolicy } from '../console/consolePolicy.ts'

/** Beside `src/` in a checkout, beside `dist/` in a package: the same step from either. */
const BUILT = fileURLToPath(new URL('../../../ui/dist/', import.meta.url))

/** What stands in the built page for the base of its links, and for the nonce of the answer. */
const BASE_MARK = '%BASE%'
const NONCE_MARK = '%NONCE%'

/** How long hashed files are cached, a year: their name changes with what is in them. */
const HASHED_MS = 365 * 24 * 3600 * 1000

/** Files outside assets/: their names hold no hash. */
const LOOSE_FILES = ['scheme.js', 'favicon.svg']

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bellwire</title>
<h1>The console is not built</h1><p>Run <code>npm run build:console</code> in the checkout and load this page again.
The API works without it: see <a href="/api/docs">its documentation</a>.</p></html>`

/**
 * The console: one page for all its addresses, and the hashed files that it loads.
 *
 * @param parts.publicUrl where people reach it: a path in it is the base of the page's links
 * @param parts.folder the built console
 */
export function consoleRoutes({
  publicUrl,
  folder = BUILT,
}: {
  publicUrl: string
  folder?: string
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    const base = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/`
    for (const url of CONSOLE_PAGES) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        schema: { hide: true },
        handler: (_request, reply) => sendPage(reply, folder, base),
      })
    }

    // Beside many files lie copies that the build has compressed. What is not there falls through to the answer for
    // unknown addresses, and so does a folder.
    const common = { preCompressed: true, index: false, dotfiles: 'ignore' } as const
    void app.register(fastifyStatic, {
      ...common,
      root: join(folder, 'assets'),
      prefix: '/assets/',
      maxAge: HASHED_MS,
      immutable: true,
      schemaHide: true,
      // A checkout may not be built yet.
      suppressWarning: true,
    })
    for (const name of LOOSE_FILES) {
      app.get(`/${name}`, { schema: { hide: true } }, (_request, reply) =>
        reply.header('cache-control', 'no-cache').sendFile(name, folder, { ...common, cacheControl: false }),
      )
    }
    done()
  }
}

async function sendPage(reply: FastifyReply, folder: string, base: string): Promise<FastifyReply> {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined)
  void reply.type('text/html; charset=utf-8')
  if (page === undefined) return reply.code(503).send(NOT_BUILT)
  const nonce = randomBytes(16).toString('base64')
  return reply
    .header('content-security-policy', consolePolicy(nonce))
    .send(page.replaceAll(NONCE_MARK, nonce).replaceAll(BASE_MARK, base))
}
