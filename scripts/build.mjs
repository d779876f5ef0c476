// Compiles the server into dist/, which the published package runs: Node strips no types below node_modules.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

rmSync(at('dist'), { recursive: true, force: true })
const compile = [at('node_modules/typescript/bin/tsc'), '--project', at('tsconfig.build.json')]
const { status } = spawnSync(process.execPath, compile, { stdio: 'inherit' })
// The schema is there for drizzle-kit and for its types alone, and imports a development tool.
rmSync(at('dist/db/schema'), { recursive: true, force: true })
process.exitCode = status ?? 1
