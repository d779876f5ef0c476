import type { OpenApiTool } from '../../contract/openApiTool.ts'
import { GuardedFetchError, type GuardedFetch } from '../guardedFetch.ts'
import { ImportError } from '../imports/importError.ts'
import { createRedact } from '../redactSecrets.ts'
import { MissingSecretError, readSecrets, type SecretLookup } from '../secretValues.ts'
import { TemplateError } from '../templates/template.ts'
import { ToolError } from '../tool.ts'
import { parseUrlTemplate } from '../templates/urlTemplate.ts'

/** How long reading a document may take. A person waits for it. */
const READ_MS = 20_000

export type OpenApiImportParts = { fetch: GuardedFetch; secrets: SecretLookup }

/** A document as it was given or read: its text or itself, where from, and the field of the tool that names it. */
export type DocumentSource = {
  document: string | Record<string, unknown>
  url: URL | undefined
  pointer: string
}

/**
 * Takes the document of a tool, or reads it from its URL.
 *
 * @throws ImportError
 */
export async function readSource(
  config: Pick<OpenApiTool, 'url' | 'document'>,
  { fetch, secrets }: OpenApiImportParts,
): Promise<DocumentSource> {
  if (config.document !== undefined) {
    return { document: config.document, url: undefined, pointer: '/document' }
  }
  const pointer = '/url'
  let redact = (text: string): string => text
  const signal = AbortSignal.timeout(READ_MS)
  try {
    const template = parseUrlTemplate(config.url ?? '')
    const values = await readSecrets(template.secrets, secrets)
    const scope = { secrets: Object.fromEntries(values) }
    redact = createRedact(values.values())
    redact = createRedact([...values.values(), ...(await template.trace(scope))])
    const url = await template.render(scope)
    const headers = { accept: 'application/json, application/yaml, */*;q=0.5', 'user-agent': 'Bellwire' }
    const response = await fetch(url, { headers, signal })
    if (!response.ok) {
      await response.body?.cancel()
      throw new ImportError(pointer, `the server answered with HTTP ${response.status} instead of a document`)
    }
    return { document: await response.text(), url, pointer }
  } catch (error) {
    if (signal.aborted) {
      throw new ImportError(pointer, `no complete response within ${READ_MS / 1000} s`, { cause: error })
    }
    if (error instanceof MissingSecretError) {
      throw new ImportError(pointer, `the secret ${error.secret} is not set`, { cause: error })
    }
    const isKnown =
      error instanceof GuardedFetchError || error instanceof TemplateError || error instanceof ToolError
    if (!isKnown) throw error
    throw new ImportError(pointer, `the document could not be read: ${redact(error.message)}`, {
      cause: error,
    })
  }
}
