import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { CONSOLE_PAGES } from '../console/consolePages.ts'
import { consolePolicy } from '../console/consolePolicy.ts'

/** The same relative path from `src/` in a checkout and from `dist/` in a package. */
const BUILT = fileURLToPath(new URL('../../../ui/dist/', import.meta.url))

/** Placeholders in the built page for the base of its links and the nonce of the response. */
const BASE_MARK = '%BASE%'
const NONCE_MARK = '%NONCE%'

/** How long hashed files are cached, a year: their names change with their content. */
const HASHED_MS = 365 * 24 * 3600 * 1000

/** Files outside assets/: their names contain no hash. */
const LOOSE_FILES = ['scheme.js', 'favicon.svg']

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bellwire</title>
<h1>The console is not built</h1><p>Run <code>npm run build:console</code> in the checkout and load this page again.
The API works without it: see <a href="/api/docs">its documentation</a>.</p></html>`

/**
 * The console: one page for all its paths, and the hashed files that it loads.
 *
 * @param parts.publicUrl the console's public URL: its path is the base of the page's links
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

    // Many files have copies compressed by the build. Missing files and folders fall through to the response for
    // unknown paths.
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
