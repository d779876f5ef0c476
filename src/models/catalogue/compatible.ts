import { isChatModel } from './isChatModel.ts'
import { getJson, ListError, type JsonRequest } from './getJson.ts'
import { items, member, readFlag, readId, readName, readTokens, type ListedModel } from './listedModel.ts'
import { readPrice } from './readPrice.ts'
import { addOllamaDetails } from './ollama.ts'

/** A path that ends with the version of an API, such as `/v1`. */
const VERSIONED = /\/v\d[\w.-]*$/

/**
 * The list of a server that speaks OpenAI's format, with what the better-known ones add to it: OpenRouter, Mistral,
 * Groq, Together, vLLM, llama.cpp, LM Studio. Ollama has lists of its own.
 */
export async function listCompatible(baseUrl: string, request: JsonRequest): Promise<ListedModel[]> {
  const models = await listOpenAI(baseUrl, request)
  const says = models.some(({ contextLength, tools }) => contextLength !== undefined || tools !== undefined)
  const root = baseUrl.replace(/\/v1$/, '')
  // Only the root of a server that is Ollama has its list; such a list says no more than the ids.
  return says || new URL(root).pathname !== '/' ? models : addOllamaDetails(root, models, request)
}

/** OpenAI's own list, of ids alone. */
export async function listOpenAI(baseUrl: string, request: JsonRequest): Promise<ListedModel[]> {
  return readCompatible(await getList(baseUrl, request))
}

/** The list at a base URL, which may lack the version: model calls find it in the same way. */
async function getList(baseUrl: string, request: JsonRequest): Promise<unknown> {
  try {
    const list = await getJson(`${baseUrl}/models`, request)
    if (entriesOf(list)) return list
    throw new ListError('unreadable', 'sent JSON without a list of models', { status: 200 })
  } catch (error) {
    if (!(error instanceof ListError) || error.reason === 'unreachable') throw error
    if (VERSIONED.test(new URL(baseUrl).pathname) || error.status === 401 || error.status === 403) throw error
    const list = await getJson(`${baseUrl}/v1/models`, request).catch(() => undefined)
    if (entriesOf(list)) return list
    throw error
  }
}

function entriesOf(list: unknown): unknown[] | undefined {
  const entries = [list, member(list, 'data'), member(list, 'models')].find((value) => Array.isArray(value))
  return entries && items(entries)
}

function readCompatible(list: unknown): ListedModel[] {
  return (entriesOf(list) ?? []).flatMap((item) => readModel(item) ?? [])
}

function readModel(item: unknown): ListedModel | undefined {
  const id = readId(member(item, 'id')) ?? readId(member(item, 'name'))
  if (id === undefined || !answersInText(item, id)) return undefined
  const has = member(item, 'capabilities')
  const parameters = member(item, 'supported_parameters')
  const inputs = member(member(item, 'architecture'), 'input_modalities') ?? member(item, 'input_modalities')
  return {
    id,
    ...readName(member(item, 'display_name') ?? member(item, 'name'), id),
    ...readFlag(
      'tools',
      member(has, 'function_calling') ?? listHas(parameters, 'tools') ?? listHas(has, 'tool_use'),
    ),
    ...readFlag('images', member(has, 'vision') ?? listHas(inputs, 'image') ?? isVision(item)),
    ...readFlag('structuredOutput', listHas(parameters, 'structured_outputs')),
    ...readTokens(
      member(item, 'context_length'),
      member(item, 'context_window'),
      member(item, 'max_context_length'),
      member(item, 'max_model_len'),
      member(item, 'max_input_tokens'),
      member(member(item, 'meta'), 'n_ctx'),
      member(member(item, 'meta'), 'n_ctx_train'),
    ),
    ...readPrice(member(item, 'pricing')),
  }
}

function answersInText(item: unknown, id: string): boolean {
  const outputs =
    member(member(item, 'architecture'), 'output_modalities') ?? member(item, 'output_modalities')
  if (listHas(outputs, 'text') === false) return false
  if (member(member(item, 'capabilities'), 'completion_chat') === false) return false
  if (member(item, 'active') === false) return false
  const type = member(item, 'type')
  if (typeof type === 'string' && /embed|image|audio|moderation|rerank|transcribe|video/i.test(type))
    return false
  return isChatModel(id)
}

function listHas(list: unknown, word: string): boolean | undefined {
  return Array.isArray(list) ? list.includes(word) : undefined
}

/** LM Studio says so of models with vision. */
function isVision(item: unknown): boolean | undefined {
  return member(item, 'type') === 'vlm' ? true : undefined
}
