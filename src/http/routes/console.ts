import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { CONSOLE_PAGES } from '../consolePages.ts'
import { consolePolicy } from '../consolePolicy.ts'

/** Beside `src/` in a checkout, beside `dist/` in a package: the same step from either. */
const BUILT = fileURLToPath(new URL('../../../ui/dist/', import.meta.url))

/** What stands in the built page for the base of its links, and for the nonce of the answer. */
const BASE_MARK = '%BASE%'
const NONCE_MARK = '%NONCE%'

/** What is cached: the name of a hashed file changes with what is in it. */
const HASHED = 'public, max-age=31536000, immutable'
const UNHASHED = 'no-cache'

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bellwire</title>
<h1>The console is not built</h1><p>Run <code>npm run build:console</code> in the checkout and start Bellwire again.
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
    const isBuilt = existsSync(`${folder}/index.html`)
    const base = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/`

    for (const url of CONSOLE_PAGES) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        schema: { hide: true },
        handler: (_request, reply) => (isBuilt ? sendPage(reply, folder, base) : sendNotBuilt(reply)),
      })
    }
    if (isBuilt) {
      void app.register(fastifyStatic, {
        root: folder,
        // Every file has a route of its own, made at the start: no path leads anywhere else.
        wildcard: false,
        globIgnore: ['**/*.br', '**/*.gz', 'index.html'],
        index: false,
        preCompressed: true,
        cacheControl: false,
        setHeaders: (reply, path) =>
          void reply.header('cache-control', path.includes('/assets/') ? HASHED : UNHASHED),
      })
    }
    done()
  }
}

async function sendPage(reply: FastifyReply, folder: string, base: string): Promise<FastifyReply> {
  const nonce = randomBytes(16).toString('base64')
  const page = await readFile(`${folder}/index.html`, 'utf8')
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', consolePolicy(nonce))
    .send(page.replaceAll(NONCE_MARK, nonce).replaceAll(BASE_MARK, base))
}

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT)
}
