import axe from 'axe-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { startBrowser } from './browser.ts'
import { buildConsole } from './buildConsole.ts'
import { startProgram, type Program, type ProgramOptions } from './program.ts'

export const PHONE = { width: 390, height: 844 }
export const DESK = { width: 1280, height: 860 }

/** How long something that must appear may take on a busy machine. */
export const PATIENT = { timeout: 15_000 }

export type ConsolePages = {
  /** The program of the test file. */
  program(): Program
  /** A page in a new browser context, which is closed after the test. */
  newPage(options?: BrowserContextOptions): Promise<Page>
  /** The same, signed in with the admin key. */
  signedIn(options?: BrowserContextOptions, at?: Program): Promise<Page>
  /** In this test the server is unreachable: the browser's own error messages about that are expected. */
  expectOutage(): void
}

/**
 * Sets up a test file: builds the console, and runs the program and a browser during its tests. After each test, no
 * page may have logged an error or contacted another host.
 */
export function openConsole(options: ProgramOptions = {}): ConsolePages {
  let program: Program
  let browser: Browser
  let complaints: string[]
  let hosts: Set<string>
  let open: BrowserContext[]
  let isOutage: boolean

  beforeAll(async () => {
    await buildConsole()
    ;[program, browser] = await Promise.all([startProgram(options), startBrowser()])
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await program?.remove()
  })
  beforeEach(() => {
    complaints = []
    hosts = new Set()
    open = []
    isOutage = false
  })
  afterEach(async () => {
    for (const context of open) await context.close()
    expect(complaints).toEqual([])
    for (const host of hosts) expect(host).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(hosts.size).toBe(1)
  })

  async function newPage(contextOptions: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      baseURL: program.url,
      reducedMotion: 'reduce',
      ...contextOptions,
    })
    open.push(context)
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      if (protocol !== 'data:' && protocol !== 'blob:') hosts.add(host)
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // An error response is shown by the page itself; the browser's own message about it is ignored.
      const refused = /status of (401|403|404|409|412|422)/.test(message.text())
      const isAway = isOutage && /net::ERR_|status of 503|because its MIME type/.test(message.text())
      if (message.type() === 'error' && !refused && !isAway) complaints.push(message.text())
    })
    return page
  }

  async function signedIn(contextOptions?: BrowserContextOptions, at = program): Promise<Page> {
    const page = await newPage({ baseURL: at.url, ...contextOptions })
    await page.goto('/sign-in')
    await page.getByLabel('Admin key').fill(at.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#main').waitFor()
    return page
  }

  return { program: () => program, newPage, signedIn, expectOutage: () => (isOutage = true) }
}

/** What axe finds wrong with the page in its current state. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run(document)')) as axe.AxeResults
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
}

/** Whether the page is no wider than the window. */
export async function fits(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')
}
