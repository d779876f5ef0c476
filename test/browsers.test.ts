import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startBrowser } from './harness/browser.ts'
import { startHttpServer, type HttpServer } from './harness/httpServer.ts'

let app: TestApp
let browser: Browser
/** A site with another origin. */
let shop: HttpServer

beforeAll(async () => {
  ;[app, browser, shop] = await Promise.all([
    startTestApp(),
    startBrowser(),
    startHttpServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Shop</title>')
      return Promise.resolve()
    }),
  ])
}, 90_000)
afterAll(async () => {
  await browser?.close()
  await shop?.stop()
  await app?.stop()
})

async function countTasks(): Promise<number> {
  return (await app.call('GET', '/api/tasks?limit=100')).body.data.length
}

async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext()
  try {
    await work(await context.newPage())
  } finally {
    await context.close()
  }
}

type Seen = { taskId: string; replayed: unknown[]; states: string[]; status: string; cancel: string }

/** Runs a script in a page, as the page itself would, with `url` as its argument. */
function run<T>(page: Page, script: string, url: string): Promise<T> {
  return page.evaluate<T>(`(async (url) => { ${script} })(${JSON.stringify(url)})`)
}

it('a webhook opened in a browser shows a confirmation page, whose button starts the agent with the query', async () => {
  const agent = await app.createAgent()
  const before = await countTasks()
  await withPage(async (page) => {
    await page.goto(`${agent.url}?order=7&tag=a&tag=b`)
    expect(await page.title()).toBe('Bellwire: start an agent')
    expect(await countTasks()).toBe(before)
    await page.getByRole('button', { name: 'Start the agent' }).click()
    await page.waitForURL((url) => url.search.includes('order=7'))
    const answer = JSON.parse((await page.locator('body').textContent()) ?? '')
    expect(answer).toMatchObject({ success: true, task_id: expect.any(String) })
    const task = await app.call('GET', `/api/tasks/${answer.task_id}`)
    expect(task.body.payload).toEqual({ order: '7', tag: ['a', 'b'] })
  })
  expect(await countTasks()).toBe(before + 1)
})

describe('a page of another origin', () => {
  it('starts an agent, follows it and reads its result', async () => {
    const agent = await app.createAgent()
    await withPage(async (page) => {
      await page.goto(shop.origin)
      const seen = await run<Seen>(
        page,
        `const headers = { 'content-type': 'application/json', 'idempotency-key': 'order-7', 'x-shop': '1' }
        const post = () => fetch(url, { method: 'POST', headers, body: '{"question":"Hello?"}' })
        const { links, task_id: taskId } = await (await post()).json()
        const again = await post()
        const states = []
        await new Promise((resolve) => {
          const source = new EventSource(links.events)
          source.addEventListener('state', ({ data }) => states.push(JSON.parse(data).state))
          source.onerror = () => resolve(source.close())
        })
        const { status } = await (await fetch(links.status)).json()
        const cancel = (await (await fetch(links.cancel, { method: 'POST' })).json()).code
        const replayed = [again.headers.get('idempotency-replayed'), (await again.json()).task_id]
        return { taskId, replayed, states, status, cancel }`,
        agent.url,
      )
      expect(seen.replayed).toEqual(['true', seen.taskId])
      expect(seen.states.at(-1)).toBe('SUCCESS')
      expect(seen).toMatchObject({ status: 'SUCCESS', cancel: 'conflict' })
    })
  })

  it('may send without reading the response, and sees no false error', async () => {
    const agent = await app.createAgent()
    await withPage(async (page) => {
      await page.goto(shop.origin)
      const sent = await run(
        page,
        `const get = await fetch(url + '?a=1', { mode: 'no-cors' })
        const post = await fetch(url, { mode: 'no-cors', method: 'POST', body: '{"a":1}' })
        return [get.type, post.type, navigator.sendBeacon(url, '{"a":1}')]`,
        agent.url,
      )
      expect(sent).toEqual(['opaque', 'opaque', true])
    })
  })

  it('cannot reach anything that needs a key, not even with the console cookie', async () => {
    await withPage(async (page) => {
      await page.goto(shop.origin)
      const call = (headers: Record<string, string>) =>
        page.evaluate(
          ([url, sent]) =>
            fetch(`${url}/api/agents`, { headers: sent, credentials: 'include' }).then(
              () => 'answered',
              () => 'refused',
            ),
          [app.url, headers] as const,
        )
      expect(await call({})).toBe('refused')
      expect(await call({ authorization: `Bearer ${app.adminKey}` })).toBe('refused')
    })
  })
})
