import { getJson, type JsonRequest } from './getJson.ts'
import { items, member, readId, readTokens, type ListedModel } from './listedModel.ts'

/** Each costs a request. */
const MAX_DESCRIBED = 60

/** Requests at the same time. */
const AT_ONCE = 6

/**
 * Adds what Ollama says of its models: https://docs.ollama.com/api. A server that is not Ollama, or is too slow, leaves
 * the models as they are.
 *
 * @param root the URL of the server, without `/v1`
 */
export async function addOllamaDetails(
  root: string,
  models: ListedModel[],
  { fetch, signal }: JsonRequest,
): Promise<ListedModel[]> {
  // Its own API needs no key, and the server may be another one.
  const request = { fetch, signal, headers: {} }
  const tags = await getJson(`${root}/api/tags`, request).catch(() => undefined)
  const names = new Set(items(member(tags, 'models')).flatMap((item) => readId(member(item, 'name')) ?? []))
  const known = models.filter(({ id }) => names.has(id)).slice(0, MAX_DESCRIBED)
  const details = new Map<string, unknown>()
  const waiting = [...known]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      const shown = await getJson(`${root}/api/show`, { ...request, body: { model: next.id } }).catch(
        () => undefined,
      )
      if (shown !== undefined) details.set(next.id, shown)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return models.flatMap((model) => (details.has(model.id) ? describe(model, details.get(model.id)) : [model]))
}

function describe(model: ListedModel, shown: unknown): ListedModel[] {
  const has = member(shown, 'capabilities')
  const info = member(shown, 'model_info')
  const length =
    typeof info === 'object' && info !== null
      ? Object.entries(info).find(([name]) => name.endsWith('.context_length'))?.[1]
      : undefined
  // Older versions do not say what a model can do.
  if (!Array.isArray(has)) return [{ ...model, ...readTokens(length) }]
  if (!has.includes('completion')) return []
  return [
    {
      ...model,
      tools: has.includes('tools'),
      images: has.includes('vision'),
      structuredOutput: true,
      ...readTokens(length),
    },
  ]
}
