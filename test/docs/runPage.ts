import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CodeBlock } from './codeBlocks.ts'

/** How long all blocks of one page may take together. */
const PAGE_MS = 45_000

/** How a block in a language becomes part of the page's shell script. */
const RUNNERS: Record<string, ((file: string) => string) | undefined> = {
  sh: (file) => `. ${file}`,
  bash: (file) => `. ${file}`,
  javascript: (file) => `node ${file}.mjs`,
  python: (file) => `python3 ${file}`,
}

export const RUNNABLE = Object.keys(RUNNERS)

export type RunOptions = {
  /** Texts in the page, and their replacements. */
  standIns: Record<string, string>
  /** Languages that this machine cannot run: their blocks are skipped. */
  without: string[]
}

/**
 * Runs the blocks of a page in one shell, from top to bottom, as a reader who pastes them does: a variable set by one
 * block is available in the next, and in other languages if it is exported. An HTTP error ends the page. Returns the
 * output of each block. Throws with the line of the failed block, and its output.
 */
export async function runPage(
  blocks: CodeBlock[],
  { standIns, without }: RunOptions,
): Promise<Map<CodeBlock, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'bellwire-docs-'))
  try {
    const run = blocks.filter(
      ({ language, notRun }) => notRun === undefined && RUNNERS[language] && !without.includes(language),
    )
    const script = [
      'set -euo pipefail',
      'curl() { command curl --silent --show-error --fail-with-body --max-time 30 "$@"; }',
    ]
    for (const block of run) {
      const file = join(directory, `line-${block.line}`)
      const code = replaceAll(block.code, standIns)
      await writeFile(block.language === 'javascript' ? `${file}.mjs` : file, code)
      await writeFile(`${file}.before`, replaceAll(block.before ?? '', standIns))
      script.push(
        `printf ${block.line} >${directory}/reached`,
        `exec >${file}.out 2>${file}.err`,
        `. ${file}.before >&2`,
        RUNNERS[block.language]?.(file) ?? '',
      )
    }
    const status = await runScript(script.join('\n'), directory)
    if (status !== 0) {
      const line = await readFile(join(directory, 'reached'), 'utf8').catch(() => '0')
      const printed = ['out', 'err'].map((kind) =>
        readFile(join(directory, `line-${line}.${kind}`), 'utf8').catch(() => ''),
      )
      throw new PageFailure(
        Number(line),
        `ended with ${status}, and printed\n${(await Promise.all(printed)).join('\n')}`,
      )
    }
    const outputs = run.map(async (block) => {
      const printed = await readFile(join(directory, `line-${block.line}.out`), 'utf8')
      return [block, printed] as const
    })
    return new Map(await Promise.all(outputs))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The error of a block, and its line in the page. */
export class PageFailure extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Resolves with the exit code, or the signal that ended it. */
function runScript(script: string, directory: string): Promise<number | string> {
  const shell = spawn('bash', ['--noprofile', '--norc', '-c', script], {
    cwd: directory,
    // This process's own node comes first in PATH; none of our settings reach a block.
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: process.env['HOME'] ?? directory,
      LANG: 'C.UTF-8',
    },
    stdio: 'ignore',
    detached: true,
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => shell.pid !== undefined && process.kill(-shell.pid, 'SIGKILL'), PAGE_MS)
    shell.on('error', reject)
    shell.on('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(code ?? signal ?? 'nothing')
    })
  })
}

function replaceAll(text: string, standIns: Record<string, string>): string {
  return Object.entries(standIns).reduce((result, [from, to]) => result.replaceAll(from, to), text)
}
