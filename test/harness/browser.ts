import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import chromium, { inflate } from '@sparticuz/chromium'
import { chromium as playwright, type Browser } from 'playwright-core'

const PACKED = fileURLToPath(new URL('../bin/', import.meta.resolve('@sparticuz/chromium')))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/bellwire-chromium/', import.meta.url))

/** There is no sandbox for root; the pages are our own. */
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none']

/** Starts a real Chromium from the npm registry: nothing has to be installed on the machine. */
export async function startBrowser(): Promise<Browser> {
  const folder = await unpackOnce()
  const launch = (env: Record<string, string>) =>
    playwright.launch({
      executablePath: join(folder, 'chromium'),
      args: ARGUMENTS,
      env: { ...process.env, FONTCONFIG_PATH: join(folder, 'fonts'), ...env },
    })
  try {
    return await launch({})
  } catch (error) {
    if (!String(error).includes('error while loading shared libraries')) throw error
    // A minimal machine lacks the libraries that desktops have: the package includes them.
    return launch({ LD_LIBRARY_PATH: join(folder, 'al2023/lib') })
  }
}

/** Unpacks the browser next to the dependencies, once for all tests and runs, whichever comes first. */
async function unpackOnce(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(dirname(PACKED), 'package.json'), 'utf8'))
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? manifest.version : ''
  const folder = join(CACHE, String(version))
  if (existsSync(folder)) return folder

  await mkdir(CACHE, { recursive: true })
  const making = await mkdtemp(join(CACHE, 'making-'))
  // The package unpacks into the directory for temporary files.
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = making
  try {
    await chromium.executablePath()
    await inflate(join(PACKED, 'al2023.tar.br'))
    await writeFile(join(making, 'fonts/fonts.conf'), fontsConfig(folder))
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  await rename(making, folder).catch(async (error: unknown) => {
    await rm(making, { recursive: true })
    if (!existsSync(folder)) throw error
  })
  return folder
}

/** The package sets the names of folders on the platform that it was made for. */
function fontsConfig(folder: string): string {
  const directories = [join(folder, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('')
  const cache = `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`
  const alias = '<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>'
  return `<?xml version="1.0"?><fontconfig>${directories}${alias}${cache}</fontconfig>\n`
}
