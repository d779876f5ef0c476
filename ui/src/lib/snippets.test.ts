import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { maskUrl, python, shellQuoted, snippetsFor } from './snippets.ts'

const URL_TEXT = 'https://bells.example/api/webhooks/agents/Zm9vYmFy'
const AWKWARD = { text: 'it\'s "quoted" \\ $HOME `id`\n', list: [1, true, null], ключ: '🔔' }

describe('the snippets', () => {
  it('hold the URL and the payload', () => {
    const snippets = snippetsFor({ question: 'Why?' })
    expect(snippets.map(({ name }) => name)).toEqual(['curl', 'JavaScript', 'Python'])
    for (const { text } of snippets) {
      expect(text(URL_TEXT)).toContain(URL_TEXT)
      expect(text(URL_TEXT)).toContain('Why?')
    }
  })

  it('are quoted for a shell, whatever they contain', async () => {
    const text = JSON.stringify(AWKWARD)
    const { stdout } = await promisify(execFile)('sh', ['-c', `printf %s ${shellQuoted(text)}`])
    expect(stdout).toBe(text)
  })

  it('are valid JavaScript', () => {
    const text = snippetsFor(AWKWARD)[1]?.text(URL_TEXT) ?? ''
    const literal = /JSON\.stringify\(([\s\S]*)\),\n\}\)/.exec(text)?.[1] ?? ''
    // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- what people paste is run
    expect(new Function(`return (${literal})`)()).toEqual(AWKWARD)
  })

  it('write values in Python syntax', () => {
    expect(python(AWKWARD)).toBe(
      '{"text": "it\'s \\"quoted\\" \\\\ $HOME `id`\\n", "list": [1, True, None], "ключ": "🔔"}',
    )
    expect(python([])).toBe('[]')
    expect(python(undefined)).toBe('None')
  })
})

it('a masked URL reveals neither the token nor its length', () => {
  expect(maskUrl(URL_TEXT)).toBe('https://bells.example/api/webhooks/agents/••••••••••••••••')
})
