import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBody, startHttpServer, type HttpServer } from '../../test/harness/httpServer.ts'
import { createModels } from './models.ts'
import { seesImages } from './vision.ts'

const PNG = Buffer.from('a picture').toString('base64')

const PROMPT: LanguageModelV4Prompt = [
  { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
  { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {} }] },
  {
    role: 'tool',
    content: [
      {
        type: 'tool-result',
        toolCallId: 'c',
        toolName: 'look',
        output: {
          type: 'content',
          value: [
            { type: 'text', text: 'The garden:' },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: PNG } },
          ],
        },
      },
    ],
  },
]

describe('an image in the result of a tool', () => {
  let server: HttpServer
  const bodies: string[] = []

  beforeAll(async () => {
    server = await startHttpServer(async (request, response) => {
      bodies.push(await readBody(request))
      response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"tea"}}')
    })
  })

  afterAll(() => server.stop())

  async function bodyFor(ref: string, images?: 'always' | 'never'): Promise<string> {
    const provider = { apiKey: 'sk-secret-0123456789', baseUrl: `${server.origin}/base` }
    const local = { ...provider, ...(images ? { images } : {}) }
    const models = createModels({ openai: provider, anthropic: provider, google: provider, local })
    const model = await models.resolve(ref)
    await expect(model.doGenerate({ prompt: PROMPT })).rejects.toThrow(/tea/i)
    await models.close()
    return bodies.at(-1) ?? ''
  }

  it.each([
    ['openai/gpt-5-mini', `"type":"input_image","image_url":"data:image/png;base64,${PNG}"`],
    ['anthropic/claude-sonnet-4-5', `"source":{"type":"base64","media_type":"image/png","data":"${PNG}"}`],
    ['google/gemini-3-flash-preview', PNG],
    ['google/gemini-2.5-flash', PNG],
    ['local/gemma3:12b', `"image_url":{"url":"data:image/png;base64,${PNG}"}`],
  ])('is sent to %s in its own form', async (ref, expected) => {
    const body = await bodyFor(ref)
    expect(body).toContain(expected)
    expect(body).toContain('The garden:')
    expect(body).not.toContain('cannot see')
  })

  it.each(['openai/gpt-3.5-turbo', 'openai/o3-mini', 'local/qwen3', 'local/llama3.1:8b'])(
    'is a line of text for %s',
    async (ref) => {
      const body = await bodyFor(ref)
      expect(body).not.toContain(PNG)
      expect(body).toContain('An image (image/png, 9 bytes) is not shown: this model cannot see images.')
    },
  )

  it('goes by the setting for a local server, whatever the name of the model', async () => {
    expect(await bodyFor('local/ours', 'always')).toContain(PNG)
    expect(await bodyFor('local/llava', 'never')).not.toContain(PNG)
  })
})

const SEEING = `
  openai/gpt-4o openai/gpt-4-turbo openai/gpt-5.2 openai/o3 openai/o1 anthropic/claude-3-5-haiku
  anthropic/claude-sonnet-5 google/gemini-2.0-flash local/llava:13b local/llama3.2-vision local/qwen2.5vl:7b
  local/Qwen/Qwen3-VL-8B-Instruct local/gemma3:4b local/google/gemma-3-27b-it local/mistral-small3.2
  local/meta-llama/Llama-4-Scout-17B local/minicpm-v local/InternVL3-8B local/gpt-4o-mini
  local/anthropic/claude-sonnet-4-5 local/gemini/gemini-2.5-pro local/pixtral-12b`

const BLIND = `
  openai/gpt-4 openai/gpt-4-0613 openai/gpt-3.5-turbo openai/o1-mini openai/o3-mini anthropic/claude-2.1
  local/llama3.1 local/qwen3:8b local/gemma3:1b local/gemma2 local/mistral local/deepseek-r1 local/phi4
  local/gpt-oss:20b local/devstral local/glm-4.5`

describe('by its name a model', () => {
  it.each(SEEING.trim().split(/\s+/))('%s takes images', (ref) => {
    expect(seesImages(ref)).toBe(true)
  })

  it.each(BLIND.trim().split(/\s+/))('%s takes none', (ref) => {
    expect(seesImages(ref)).toBe(false)
  })
})
