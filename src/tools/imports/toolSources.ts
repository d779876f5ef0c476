import type { ToolSource } from '../../contract/toolSource.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import { importWith } from './importHere.ts'
import { offerWith, type OfferOutcome } from './offer.ts'
import type { GuardedFetch } from '../guardedFetch.ts'
import type { McpConnector } from '../mcp/connector.ts'
import type { SecretLookup } from '../secretValues.ts'
import { parseTemplate } from '../templates/template.ts'
import { WorkLimitError } from '../threads/threadPool.ts'
import type { ImportableTool, ImportJob, ImportOutcome, OfferJob, SourceAccess } from '../threads/job.ts'
import { inThread } from '../threads/threads.ts'

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

/** Reaches the sources of tools, anew at each call. Every method throws BellwireError `shutting_down` at the end. */
export type ToolSources = {
  /** Reads the tools of a server, or the chosen operations of a document. */
  importTool(tool: ImportableTool): Promise<ImportOutcome>
  /** Lists all tools of a server, or all operations of a document. */
  offer(source: ToolSource): Promise<OfferOutcome>
}

/**
 * Makes the access to servers and documents that tools are imported from. The work is done in a thread that is ended at
 * its limits; only a program that the operator allows is asked from here, since it must end when we do.
 */
export function createToolSources(parts: ToolImporterParts): ToolSources {
  const { secrets, allowPrivateNetworks, version, now = () => new Date(), signal } = parts

  async function reach<Outcome>(
    source: ImportableTool | ToolSource,
    {
      here,
      job,
      refused,
    }: {
      here: () => Promise<Outcome>
      job: (access: SourceAccess) => ImportJob | OfferJob
      refused: (error: FieldError) => Outcome
    },
  ): Promise<Outcome> {
    if (signal?.aborted) throw stopping()
    if (source.type === 'mcp' && source.command !== undefined) return unlessAborted(here(), signal)
    const access = {
      secrets: await readKnown(namesIn(source), secrets),
      allowPrivateNetworks,
      version,
    }
    try {
      return refuseOther(await inThread(job(access), source.url ?? keyOf(source), signal)) as Outcome
    } catch (error) {
      if (signal?.aborted) throw stopping()
      if (!(error instanceof WorkLimitError)) throw error
      const pointer = source.url === undefined ? '/document' : '/url'
      return refused({ pointer, detail: `importing it was stopped: ${error.message}` })
    }
  }

  return {
    importTool: (tool) =>
      reach<ImportOutcome>(tool, {
        here: () => importWith(tool, { ...parts, now: now() }),
        job: (access) => ({ kind: 'import', tool, now: now(), ...access }),
        refused: (error) => ({ ok: false, error }),
      }),
    offer: (source) =>
      reach<OfferOutcome>(source, {
        here: () => offerWith(source, parts),
        job: (access) => ({ kind: 'offer', source, ...access }),
        refused: (error) => ({ ok: false, error }),
      }),
  }
}

/** Whose work it is, where there is no URL. */
function keyOf(source: ImportableTool | ToolSource): string {
  return 'name' in source ? source.name : source.type
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
function namesIn(tool: ImportableTool | ToolSource): string[] {
  const more = tool.type === 'mcp' ? tool.headers : 'auth' in tool ? tool.auth : undefined
  const server = 'server' in tool ? tool.server : undefined
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

function refuseOther(value: unknown): object {
  if (typeof value === 'object' && value !== null && 'ok' in value) return value
  throw new Error('a thread returned something other than an import')
}
