import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './program.ts'
import type { Layout } from './layout.ts'

/** What a running server writes into its lock file. */
export type Postmaster = { pid: number; port: number; socketDir: string | undefined }

/**
 * Reads the server's lock file. Undefined when there is none, or when its process is gone or is another program that
 * received the same process id. Such a file is removed: PostgreSQL itself would take any living process for the server,
 * and never start again.
 */
export async function findPostmaster(layout: Layout): Promise<Postmaster | undefined> {
  const file = join(layout.cluster, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const [pidLine, , , portLine, socketLine] = text.split('\n')
  const pid = Math.abs(Number(pidLine))
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined
  if (!(await isPostgres(pid))) {
    await rm(file, { force: true })
    return undefined
  }
  return { pid, port: Number(portLine), socketDir: socketLine?.trim() || undefined }
}

/**
 * Removes the lock file of a socket when its server is gone. PostgreSQL checks this itself, but takes any process of
 * its own user for a server: another program with the same process id, or a killed server that was not reaped, as in a
 * container without an init process.
 */
export async function removeStaleSocketLock(directory: string, port: number): Promise<void> {
  const file = join(directory, `.s.PGSQL.${port}.lock`)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const pid = Math.abs(Number(text.split('\n', 1)[0]))
  if (pid > 1 && isAlive(pid) && (await isPostgres(pid))) return
  await rm(file, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** If unknown, it is taken for a server: waiting in vain is better than two servers on one cluster. */
async function isPostgres(pid: number): Promise<boolean> {
  const command = await commandOf(pid)
  return command === undefined || command.includes('postgres')
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  }
  const [program, args] =
    process.platform === 'win32'
      ? ['tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']]
      : ['ps', ['-ww', '-o', 'command=', '-p', `${pid}`]]
  const result = await runProgram(program, args, { user: undefined, cwd: '.' })
  return result.code === 0 ? result.output : undefined
}
