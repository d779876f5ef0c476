import { spawn } from 'node:child_process'
import { programEnvironment } from '../../config/environment.ts'
import type { SystemUser } from './systemUser.ts'

export type ProgramResult = { code: number; output: string }

export type ProgramOptions = {
  user: SystemUser | undefined
  cwd: string
  /** An open file that the program receives as its file descriptor 3. */
  handle?: number
}

/**
 * Runs a program to completion, as another user if one is given. Resolves with its exit code (-1 when it could not be
 * started) and its output, standard output and error together.
 */
export function runProgram(program: string, args: string[], options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: programEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', options.handle ?? 'ignore'],
      windowsHide: true,
      // In its own session: a Ctrl-C in the terminal is for this process, not for it.
      detached: process.platform !== 'win32',
      ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8192)
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', (error) => resolve({ code: -1, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? -1, output: output.trim() }))
  })
}
