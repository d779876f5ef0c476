import { getJson, type JsonRequest } from './getJson.ts'
import { items, member, readFlag, readId, readName, readTokens, type ListedModel } from './listedModel.ts'

/** Anthropic's list of models: https://platform.claude.com/docs/en/api/models/list */
export async function listAnthropic(baseUrl: string, request: JsonRequest): Promise<ListedModel[]> {
  return readAnthropic(await getJson(`${baseUrl}/models?limit=1000`, request))
}

function readAnthropic(list: unknown): ListedModel[] {
  return items(member(list, 'data')).flatMap((item) => {
    const id = readId(member(item, 'id'))
    if (id === undefined) return []
    const supported = (name: string): unknown =>
      member(member(member(item, 'capabilities'), name), 'supported')
    return {
      id,
      tools: true,
      ...readName(member(item, 'display_name'), id),
      ...readFlag('images', supported('image_input')),
      ...readFlag('structuredOutput', supported('structured_outputs')),
      ...readTokens(member(item, 'max_input_tokens')),
    }
  })
}
