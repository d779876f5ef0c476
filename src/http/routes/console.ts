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

/** Placeholders in the built page for the base of its links, the nonce of the response and the console's address. */
const BASE_MARK = '%BASE%'
const NONCE_MARK = '%NONCE%'
const PUBLIC_URL_MARK = '%PUBLIC_URL%'

/** How long hashed files are cached, a year: their names change with their content. */
const HASHED_MS = 365 * 24 * 3600 * 1000

/** Files outside assets/: their names contain no hash. */
const LOOSE_FILES = ['scheme.js', 'favicon.svg']

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bellwire</title>
<h1>The console is not built</h1><p>Run <code>npm run build:console</code> in the checkout and load this page again.
The API works without it: see <a href="/api/docs">its documentation</a>.</p></html>`

export type ConsoleParts = {
  /** The console's public URL: its path is the base of the page's links. */
  publicUrl: string
  /** The built console. */
  folder?: string
}

/**
 * The console: one page for all its paths, and the hashed files that it loads.
 */
export function consoleRoutes({ publicUrl, folder = BUILT }: ConsoleParts): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    for (const url of CONSOLE_PAGES) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        schema: { hide: true },
        handler: (_request, reply) => sendPage(reply, folder, publicUrl),
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

/** Creates the function that answers browsers at addresses that the console does not have. */
export function createSendMissingPage({
  publicUrl,
  folder = BUILT,
}: ConsoleParts): (reply: FastifyReply) => void {
  return (reply) => void sendPage(reply.code(404), folder, publicUrl)
}

async function sendPage(reply: FastifyReply, folder: string, publicUrl: string): Promise<FastifyReply> {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined)
  void reply.type('text/html; charset=utf-8')
  if (page === undefined) return reply.code(503).send(NOT_BUILT)
  const nonce = randomBytes(16).toString('base64')
  const base = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/`
  return reply
    .header('content-security-policy', consolePolicy(nonce))
    .send(
      page
        .replaceAll(NONCE_MARK, nonce)
        .replaceAll(BASE_MARK, escapeHtml(base))
        .replaceAll(PUBLIC_URL_MARK, escapeHtml(publicUrl)),
    )
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
