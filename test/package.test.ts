import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProgram } from './harness/program.ts'

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url))

/** Files that a clone does not contain. */
const NOT_CLONED = new Set(['.git', 'node_modules', 'dist', 'data', 'coverage'])

const run = promisify(execFile)

describe('the package', { timeout: 120_000 }, () => {
  let folder: string
  let installed: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bellwire-package-'))
    installed = join(folder, 'empty', 'node_modules', 'bellwire')
    await install(await pack(join(folder, 'clone'), folder), join(folder, 'empty'))
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('runs the demo agent from an empty folder', async () => {
    const main = join(dirname(installed), '.bin', 'bellwire')
    const program = await startProgram({ main })
    try {
      const page = await fetch(program.url)
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')])
      const trigger = await fetch(program.demoUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"question":"Are you there?"}',
      })
      const { task_id: id } = (await trigger.json()) as { task_id: string }
      const status = await fetch(`${program.url}/api/task_status?task_id=${id}&wait=30`)
      expect(await status.json()).toMatchObject({ status: 'SUCCESS' })
      expect(await program.stop()).toBe(0)
      expect(program.logged()).not.toMatch(/"level":"(warn|error)"|Warning/)
    } finally {
      await program.remove()
    }
  })

  it('contains what is needed at runtime, and nothing for builds or tests', async () => {
    const files = await readdir(installed, { recursive: true })
    expect(files.filter((file) => /\.(ts|tsx|map)$|\.test\.|^test\b|_snapshot|^src/.test(file))).toEqual([])
    expect(await readdir(installed)).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'bin', 'dist', 'docs', 'migrations', 'ui']),
    )
  })

  it('depends on every package that its code imports', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const imported = await importedPackages(join(installed, 'dist'))
    expect(imported).toContain('fastify')
    const provided = new Set([...Object.keys(manifest.dependencies), ...builtinModules])
    expect(imported.filter((name) => !provided.has(name))).toEqual([])
  })
})

describe('bin/bellwire.js', () => {
  it.each(['6.17.1', '12.22.12', '20.20.2', '23.11.1'])(
    'explains on Node.js %s which version it needs',
    async (version) => {
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
      const args = ['--import', `data:text/javascript,${pretend}`, join(CHECKOUT, 'bin/bellwire.js'), 'serve']
      const failure = await run(process.execPath, args).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          `^bellwire: Bellwire needs Node.js 24 or newer, and this is Node.js ${version}\\. .*nodejs\\.org.*\\n$`,
        ) as string,
      })
    },
  )

  it('can be parsed by an old Node.js', async () => {
    const text = await readFile(join(CHECKOUT, 'bin/bellwire.js'), 'utf8')
    const code = text.replace(/^#!.*/, '').replace(/^\s*\/\/.*$/gm, '')
    expect(code).toContain('require(')
    expect(code).not.toMatch(/\b(import|export|await|async|const|let|class)\b|=>|`|\?\.|\?\?|\.\.\.|node:/)
    expect(JSON.parse(await readFile(join(CHECKOUT, 'bin/package.json'), 'utf8'))).toEqual({
      type: 'commonjs',
    })
  })
})

/** Packs a copy of this checkout, scripts included, and returns the file. The checkout itself is not changed. */
async function pack(clone: string, destination: string): Promise<string> {
  await cp(CHECKOUT, clone, {
    recursive: true,
    filter: (path) => !NOT_CLONED.has(basename(path)),
  })
  await symlink(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'))
  await npm(['pack', '--pack-destination', destination], clone)
  const name = (await readdir(destination)).find((file) => file.endsWith('.tgz'))
  return join(destination, name ?? '')
}

async function install(tarball: string, where: string): Promise<void> {
  await mkdir(where)
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], where)
}

async function npm(args: string[], cwd: string): Promise<void> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  await run('npm', args, { cwd, env: { ...process.env, PATH: path } })
}

/** Names of the packages that the files of a folder import, without duplicates. */
async function importedPackages(dist: string): Promise<string[]> {
  const names = new Set<string>()
  for (const file of await readdir(dist, { recursive: true })) {
    if (!file.endsWith('.js')) continue
    const text = await readFile(join(dist, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(
      /(?:^import\b[^'"\n]*?|^export\b[^'"\n=]*? from |^\} from |\bimport\()['"]([^.'"\s][^'"\s]*)['"]/gm,
    )) {
      if (specifier.startsWith('node:')) continue
      const [first = '', second] = specifier.split('/')
      names.add(first.startsWith('@') ? `${first}/${second ?? ''}` : first)
    }
  }
  return [...names].toSorted()
}
