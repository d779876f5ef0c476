import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

const WATCHDOG = new URL('watchdog.ts', import.meta.url).href

/** Runs a script beside a watchdog, and tells how it ended. */
async function run(script: string) {
  const code = `import { startWatchdog } from ${JSON.stringify(WATCHDOG)}
    const watchdog = startWatchdog({ seconds: 1, line: 'it stands still' })
    const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); }
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [exitCode, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { said, exitCode, signal }
}

it.concurrent(
  'ends a process that comes to nothing any more',
  async () => {
    expect(await run('setTimeout(() => busy(600_000), 1_000)')).toEqual({
      said: 'it stands still\n',
      exitCode: null,
      signal: 'SIGKILL',
    })
  },
  60_000,
)

it.concurrent(
  'lets one be that is busy, but goes on',
  async () => {
    const script = `let left = 4
    const timer = setInterval(() => { busy(3_000); if (--left === 0) clearInterval(timer) }, 600)`
    expect(await run(script)).toEqual({ said: '', exitCode: 0, signal: null })
  },
  60_000,
)

it.concurrent(
  'is quiet once it was stopped, and keeps no process alive',
  async () => {
    expect(await run('watchdog.stop(); busy(12_000)')).toEqual({ said: '', exitCode: 0, signal: null })
    expect(await run('')).toEqual({ said: '', exitCode: 0, signal: null })
  },
  60_000,
)
