// Runs after `npm install`: builds the console in a checkout where its tools were installed. The published
// package holds the built console, and nothing to build it from.
// Plain JavaScript: an install without development tools has no Node that reads TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url))
const config = fileURLToPath(new URL('vite.config.ts', import.meta.url))
if (existsSync(config)) {
  if (existsSync(vite)) {
    const build = [vite, 'build', '--config', config, '--logLevel', 'warn']
    const { status } = spawnSync(process.execPath, build, { stdio: 'inherit' })
    process.exitCode = status ?? 1
  } else {
    process.stdout.write('The console was not built: the development tools are not installed.\n')
  }
}
