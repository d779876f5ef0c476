import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import type { Page } from 'playwright-core'
import { startEmbedded } from '../../src/db/embedded/start.ts'
import { startBrowser } from '../harness/browser.ts'
import { startModelServer } from '../harness/modelServer.ts'
import { startProgram } from '../harness/program.ts'
import { consolePages } from './pages.ts'
import { seedShowcase } from './showcase.ts'

// Takes screenshots of each page of the built console in light, dark and phone width: `npm run screenshots [NAME ...]`.

const FOLDER = fileURLToPath(new URL('../../data/screenshots/', import.meta.url))

/** How long parts that load later get before a picture. */
const SETTLE_MS = 500

const LOOKS = [
  { look: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { look: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const

async function takeAll(only: string[]): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-screenshots-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const database = await startEmbedded({
    dataDir,
    log: pino({ level: 'silent' }),
    settings: { fsync: 'off' },
  })
  stack.defer(() => database.stop())
  const model = await startModelServer()
  stack.defer(() => model.stop())
  const program = await startProgram({
    env: {
      DATABASE_URL: database.url,
      BELLWIRE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      LOCAL_MODEL_BASE_URL: model.url,
      BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    },
  })
  stack.defer(() => program.remove())
  const showcase = await seedShowcase({ program, model, databaseUrl: database.url })
  const browser = await startBrowser()
  stack.defer(() => browser.close())
  await mkdir(FOLDER, { recursive: true })

  for (const { look, ...options } of LOOKS) {
    const context = await browser.newContext({
      baseURL: program.url,
      reducedMotion: 'reduce',
      timezoneId: 'Europe/Berlin',
      ...options,
    })
    const page = await context.newPage()
    await page.goto('/sign-in')
    if (isWanted('sign-in', only)) await take(page, `sign-in-${look}`)
    await page.getByLabel('Admin key').fill(program.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#main').waitFor()
    for (const [name, path, sign] of consolePages(showcase)) {
      if (!isWanted(name, only)) continue
      await page.goto(path)
      await page
        .getByText(sign)
        .filter({ visible: true })
        .first()
        .waitFor()
        .catch(() => process.stderr.write(`${path} does not show "${sign}"\n`))
      await take(page, `${name}-${look}`)
    }
    if (isWanted('palette', only)) {
      await page.goto('/agents')
      await page.getByText('Issue triage').first().waitFor()
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Page, agent' }).waitFor()
      await take(page, `palette-${look}`, false)
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await take(page, `keys-${look}`, false)
      await page.keyboard.press('Escape')
      if (look === 'phone') {
        await page.getByRole('button', { name: 'Menu' }).click()
        await page.getByRole('dialog').waitFor()
        await take(page, `menu-${look}`, false)
      }
    }
    await context.close()
  }
  process.stdout.write(`Screenshots are in ${FOLDER}\n`)
}

function isWanted(name: string, only: string[]): boolean {
  return only.length === 0 || only.some((each) => name.startsWith(each))
}

async function take(page: Page, name: string, fullPage = true): Promise<void> {
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage, animations: 'disabled' })
}

await takeAll(process.argv.slice(2))
