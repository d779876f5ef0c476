import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** One migration, as drizzle-kit wrote it. */
export type Migration = {
  /** The file's name without its ending, such as `0000_start`. */
  name: string
  statements: string[]
  /** SHA-256 of the file, in hex. */
  hash: string
}

/** The same relative path from `src/` in a checkout and from `dist/` in a package. */
const FOLDER = new URL('../../migrations/', import.meta.url)

const Journal = z.object({ entries: z.array(z.object({ idx: z.int(), tag: z.string() })) })

/** Reads the migrations included in this program, in the order in which they are applied. */
export async function readMigrations(folder: URL = FOLDER): Promise<Migration[]> {
  const journal = Journal.parse(JSON.parse(await readFile(new URL('meta/_journal.json', folder), 'utf8')))
  const ordered = journal.entries.toSorted((a, b) => a.idx - b.idx)
  return Promise.all(ordered.map((entry) => readMigration(entry.tag, folder)))
}

async function readMigration(name: string, folder: URL): Promise<Migration> {
  const text = await readFile(new URL(`${name}.sql`, folder), 'utf8')
  // A checkout may have converted the line endings.
  const source = text.replaceAll('\r\n', '\n')
  return {
    name,
    statements: source.split('--> statement-breakpoint').filter((statement) => statement.trim() !== ''),
    hash: createHash('sha256').update(source).digest('hex'),
  }
}
