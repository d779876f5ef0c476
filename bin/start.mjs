// Turns Node's compile cache on before the first source file is read: from the second start on nothing is
// stripped of its types or compiled again.
import { existsSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/bellwire', import.meta.url)))
// Servers run long, and may be killed: what was compiled is written down when they have started.
setTimeout(flushCompileCache, 5_000).unref()

// A checkout runs from its sources, the published package from what was compiled of them.
const sources = new URL('../src/main.ts', import.meta.url)
void import(existsSync(sources) ? sources.href : new URL('../dist/main.js', import.meta.url).href)
