import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'
import { CONSOLE_PAGES } from '../console/consolePages.ts'
import { consoleRoutes } from './console.ts'

const SCRIPT = `console.log('${'x'.repeat(500)}')`

let folder: string
let server: ManagementServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bellwire-console-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<base href="%BASE%"><meta name="nonce" content="%NONCE%">')
  await writeFile(join(folder, 'scheme.js'), 'plain')
  await writeFile(join(folder, 'assets/main-abc.js'), SCRIPT)
  await writeFile(join(folder, 'assets/main-abc.js.gz'), gzipSync(SCRIPT))
  server = await startManagementServer({
    open: [consoleRoutes({ publicUrl: 'https://bells.example/base', folder })],
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const get = (path: string) => server.call('GET', path, { key: null })

describe('the console', () => {
  it('has one page for all its addresses', async () => {
    for (const path of CONSOLE_PAGES) {
      const page = await get(path.replace(':id', 'x'))
      expect([path, page.status]).toEqual([path, 200])
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.text).toContain('<base href="/base/">')
    }
  })

  it('lets nothing in that is not ours', async () => {
    const [one, two] = [await get('/'), await get('/')]
    const policy = one.headers.get('content-security-policy') ?? ''
    const nonce = /content="([^"]+)"/.exec(one.text)?.[1]
    expect(nonce).toMatch(/^[\w+/=]{24}$/)
    expect(two.text).not.toBe(one.text)
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(policy).not.toMatch(/unsafe|http|\*|data:/)
  })

  it('gives its files compressed and for ever, and what may change to be asked for', async () => {
    const asset = await get('/assets/main-abc.js')
    expect(asset.text).toBe(SCRIPT)
    expect(asset.headers.get('content-encoding')).toBe('gzip')
    expect(asset.headers.get('vary')).toMatch(/accept-encoding/i)
    expect(asset.headers.get('content-type')).toMatch(/javascript/)
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const plain = await server.call('GET', '/assets/main-abc.js', {
      key: null,
      headers: { 'accept-encoding': 'br, gzip;q=0' },
    })
    expect([plain.text, plain.headers.get('content-encoding')]).toEqual([SCRIPT, null])
    expect((await get('/scheme.js')).headers.get('cache-control')).toBe('no-cache')
  })

  it('leaves every other address to the API', async () => {
    for (const path of [
      '/api/nope',
      '/agents/x/nope',
      '/nope',
      '/assets/nope.js',
      '/assets/',
      '/index.html',
    ]) {
      const answer = await get(path)
      expect([path, answer.status, answer.body]).toMatchObject([path, 404, { code: 'not_found' }])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect((await server.call('POST', '/agents', { key: null })).body).toMatchObject({
      code: 'method_not_allowed',
    })
  })

  it.each([
    '/assets/../../package.json',
    '/assets/%2e%2e/index.html',
    '/assets/..%2fscheme.js',
    '/..%2f..%2fetc%2fpasswd',
    '/%00',
  ])('has no way out at %s', async (path) => {
    // fetch() would tidy the path up first.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = new URL(server.url)
      request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect([400, 404]).toContain(status)
  })
})

it('a checkout without a built console says how to build it, and the API works', async () => {
  const bare = await startManagementServer({
    open: [consoleRoutes({ publicUrl: 'http://localhost:7091', folder: join(folder, 'nowhere') })],
  })
  try {
    const page = await bare.call('GET', '/', { key: null })
    expect(page.status).toBe(503)
    expect(page.text).toContain('npm run build:console')
    expect((await bare.call('GET', '/api/agents')).status).toBe(200)
  } finally {
    await bare.stop()
  }
})
