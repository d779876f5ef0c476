// Runs after `npm install` in a checkout: builds the console, where its tools were installed.
// Plain JavaScript: an install without development tools has no Node that reads TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url))
if (existsSync(vite)) {
  const config = fileURLToPath(new URL('vite.config.ts', import.meta.url))
  const build = [vite, 'build', '--config', config, '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, build, { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  process.stdout.write('The console was not built: the development tools are not installed.\n')
}
