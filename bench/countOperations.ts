import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { ImportError } from '../src/tools/imports/importError.ts'
import { readDocument } from '../src/tools/openapi/document.ts'
import { readOperation } from '../src/tools/openapi/importOpenApi.ts'
import { listOperations } from '../src/tools/openapi/operations.ts'
import { schemeNames } from '../src/tools/openapi/security.ts'

/** How many operations of a document can be imported, and why the others cannot. */
export type OperationCount = {
  operations: number
  imported: number
  /** How many operations are refused for each reason, with one example. */
  refused: Record<string, { count: number; example: string }>
}

/**
 * Tries to import each operation of an OpenAPI document separately, with a credential for every security scheme.
 *
 * @throws ImportError if the document cannot be read at all
 */
export function countOperations(text: string): OperationCount {
  const document = readDocument(text, '/document')
  const given = schemeNames(document)
  const count: OperationCount = { operations: 0, imported: 0, refused: {} }
  for (const found of listOperations(document)) {
    const named = `${found.method} ${found.path}`
    count.operations += 1
    try {
      if (found.fault !== undefined) throw new ImportError('/operations/0', found.fault)
      readOperation(document, { ...found, named, pointer: '/operations/0' }, given)
      count.imported += 1
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      const reason = error.message.replace(`${named} cannot be used: `, '')
      const known = (count.refused[reason] ??= { count: 0, example: named })
      known.count += 1
    }
  }
  return count
}

/** `node bench/countOperations.ts FILE...` prints the counts of documents in JSON or YAML. */
async function main(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const { operations, imported, refused } = countOperations(await readFile(file, 'utf8'))
    process.stdout.write(`${file}: ${imported} of ${operations} operations can be imported\n`)
    for (const [reason, { count, example }] of Object.entries(refused)) {
      process.stdout.write(`  ${count} refused: ${reason} (for example ${example})\n`)
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2))
