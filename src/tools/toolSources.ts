import { BellwireError } from '../errors.ts'
import { importWith } from './importHere.ts'
import type { GuardedFetch } from './guardedFetch.ts'
import type { McpConnector } from './mcp/connector.ts'
import type { SecretLookup } from './secretValues.ts'
import { parseTemplate } from './template.ts'
import { WorkLimitError } from './threads/threadPool.ts'
import type { ImportableTool, ImportOutcome } from './threads/job.ts'
import { inThread } from './threads/threads.ts'

export type ToolImporterParts = {
  fetch: GuardedFetch
  secrets: SecretLookup
  mcp: McpConnector
  allowPrivateNetworks: readonly string[]
  version: string
  now?: () => Date
  /** Aborted when the program stops: imports under way are given up. */
  signal?: AbortSignal
}

/**
 * Makes the function that reads the tools of a server or the operations of a document, anew at each call. It works in
 * a thread that is ended at its limits; only a program that the operator allows is asked from here, since it must end
 * when we do.
 *
 * It throws BellwireError `shutting_down` when the program stops.
 */
export function createToolImporter(
  parts: ToolImporterParts,
): (tool: ImportableTool) => Promise<ImportOutcome> {
  const { secrets, allowPrivateNetworks, version, now = () => new Date(), signal } = parts

  return async (tool) => {
    if (signal?.aborted) throw stopping()
    if (tool.type === 'mcp' && tool.command !== undefined) {
      return unlessAborted(importWith(tool, { ...parts, now: now() }), signal)
    }
    const values = await readKnown(namesIn(tool), secrets)
    const job = { kind: 'import', tool, secrets: values, allowPrivateNetworks, version, now: now() } as const
    try {
      return toOutcome(await inThread(job, tool.url ?? tool.name, signal))
    } catch (error) {
      if (signal?.aborted) throw stopping()
      if (!(error instanceof WorkLimitError)) throw error
      const pointer = tool.url === undefined ? '/document' : '/url'
      return { ok: false, error: { pointer, detail: `importing it was stopped: ${error.message}` } }
    }
  }
}

/** What is given up goes on until its connection is closed; nobody waits for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(stopping())
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function stopping(): BellwireError {
  return new BellwireError('shutting_down', undefined, { retryAfter: 2 })
}

/** Secrets that the templates of a tool name. */
function namesIn(tool: ImportableTool): string[] {
  const more = tool.type === 'mcp' ? tool.headers : tool.auth
  const server = tool.type === 'openapi' ? tool.server : undefined
  return [tool.url, server, ...Object.values(more ?? {})]
    .filter((text) => text !== undefined)
    .flatMap((text) => parseTemplate(text).secrets)
}

async function readKnown(names: readonly string[], secrets: SecretLookup): Promise<Map<string, string>> {
  const known = new Map<string, string>()
  for (const name of new Set(names)) {
    const value = await secrets(name)
    if (value !== undefined) known.set(name, value)
  }
  return known
}

function toOutcome(value: unknown): ImportOutcome {
  if (typeof value === 'object' && value !== null && 'ok' in value) return value as ImportOutcome
  throw new Error('a thread returned something other than an import')
}
