import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { SETTINGS, type Setting } from './settings.ts'

it('is what docs/configuration.md says', async () => {
  const text = await readFile('docs/configuration.md', 'utf8')
  const rows = text
    .split('\n')
    .filter((line) => /^\| `[A-Z][A-Z_]+` /.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const settings: Setting<unknown>[] = Object.values(SETTINGS)
  expect(rows).toEqual(
    settings.map((setting) => [
      `\`${setting.name}\``,
      setting.default === undefined ? (setting.defaultText ?? '') : `\`${setting.default}\``,
      setting.description,
    ]),
  )
})
