import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Creates a directory and its missing parents, with the same mode. Returns the topmost directory created, undefined
 * when all existed. Node's own recursive `mkdir` never returns where a directory reports that its parent is missing
 * although it exists, as below /proc.
 */
export async function makeDirectories(path: string, mode: number): Promise<string | undefined> {
  try {
    return await makeDirectory(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (!isMissing(error) || parent === path) throw error
    const first = await makeDirectories(parent, mode)
    const made = await makeDirectory(path, mode)
    return first ?? made
  }
}

async function makeDirectory(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const found = await stat(path)
    if (found.isDirectory()) return undefined
    throw new Error(`${path} is a file`, { cause: error })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
