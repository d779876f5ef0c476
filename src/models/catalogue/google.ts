import { isChatModel } from './isChatModel.ts'
import { getJson, type JsonRequest } from './getJson.ts'
import { items, member, readId, readName, readTokens, type ListedModel } from './listedModel.ts'

/** Google's list of models: https://ai.google.dev/api/models */
export async function listGoogle(baseUrl: string, request: JsonRequest): Promise<ListedModel[]> {
  return readGoogle(await getJson(`${baseUrl}/models?pageSize=1000`, request))
}

function readGoogle(list: unknown): ListedModel[] {
  return items(member(list, 'models')).flatMap((item) => {
    const name = member(item, 'name')
    const id = readId(typeof name === 'string' ? name.replace(/^models\//, '') : undefined)
    const methods = member(item, 'supportedGenerationMethods')
    const answers = !Array.isArray(methods) || methods.includes('generateContent')
    if (id === undefined || !answers || !isChatModel(id)) return []
    return {
      id,
      ...readName(member(item, 'displayName'), id),
      ...readTokens(member(item, 'inputTokenLimit')),
    }
  })
}
