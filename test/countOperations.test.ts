import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../bench/countOperations.ts', import.meta.url))

it('counts the operations of a document that can be imported, and why others cannot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bellwire-count-'))
  const file = join(folder, 'shop.yaml')
  const lines = [
    'openapi: 3.0.3',
    'info: { title: Shop, version: "1" }',
    'security: [{ key: [] }]',
    'components: { securitySchemes: { key: { type: http, scheme: bearer } } }',
    'paths:',
    '  /a: { get: {}, post: { requestBody: { content: { application/xml: {} } } } }',
    '  /b: { $ref: "b.yaml" }',
  ]
  await writeFile(file, lines.join('\n'))
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, file])
  await rm(folder, { recursive: true })
  expect(stdout.split('\n')).toEqual([
    `${file}: 1 of 8 operations can be imported`,
    expect.stringMatching(
      /^ {2}1 refused: its body is of a type that cannot be written: application\/xml.*POST \/a\)$/,
    ),
    expect.stringMatching(/^ {2}6 refused: the reference b.yaml points outside the document.*GET \/b\)$/),
    '',
  ])
})
