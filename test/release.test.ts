import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../scripts/release.mjs', import.meta.url))
const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.9.0] - 2026-01-01\n\n- First.\n'

describe('scripts/release.mjs', { timeout: 60_000 }, () => {
  let project: string
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'bellwire-release-'))
    await write('package.json', JSON.stringify({ name: 'tiny', version: '0.9.0', files: ['CHANGELOG.md'] }))
    await write('package-lock.json', JSON.stringify({ name: 'tiny', version: '0.9.0', lockfileVersion: 3 }))
    await write('CHANGELOG.md', CHANGELOG)
    await write('.gitignore', '*.tgz\n')
    await mkdir(join(project, '.ci'))
    await checksThat('true')
    git('init', '--quiet')
    git('config', 'user.name', 'Test')
    git('config', 'user.email', 'test@example.invalid')
    commit()
  })
  afterEach(() => rm(project, { recursive: true, force: true }))

  const write = (file: string, text: string) => writeFile(join(project, file), text)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project, encoding: 'utf8' })
  const commit = () => {
    git('add', '--all')
    git('commit', '--quiet', '--message', 'State')
  }
  async function checksThat(command: string): Promise<void> {
    await write('.ci/run', `#!/bin/sh\n${command}\n`)
    await chmod(join(project, '.ci/run'), 0o755)
  }

  function release(...args: string[]) {
    const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
    const options = { cwd: project, env: { ...process.env, PATH: path } }
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(process.execPath, [SCRIPT, ...args], options, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      )
    })
  }

  it('only prints what it would do in a dry run', async () => {
    await checksThat('exit 1')
    commit()
    const { code, stdout } = await release('1.0.0', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('set the version 0.9.0 to 1.0.0')
    expect(stdout).toMatch(/## \[1\.0\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n$/)
    expect(git('status', '--porcelain') + git('tag')).toBe('')
    expect(await readdir(project)).not.toContain('tiny-1.0.0.tgz')
  })

  it('sets the version, dates the changelog, builds the package, commits and tags', async () => {
    const { code, stdout, stderr } = await release('1.0.0')
    expect({ code, stdout }, stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('made tiny-1.0.0.tgz and the tag v1.0.0') as string,
    })
    expect(await readdir(project)).toContain('tiny-1.0.0.tgz')
    expect(git('describe').trim()).toBe('v1.0.0')
    expect(git('status', '--porcelain')).toBe('')
    for (const file of ['package.json', 'package-lock.json'])
      expect(JSON.parse(await readFile(join(project, file), 'utf8'))).toMatchObject({ version: '1.0.0' })
    expect(await readFile(join(project, 'CHANGELOG.md'), 'utf8')).toMatch(
      /\n## \[Unreleased\]\n\n## \[1\.0\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n\n## \[0\.9\.0\]/,
    )
  })

  it('refuses if anything is not ready, and changes nothing', async () => {
    expect(await release()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('name one version') as string,
    })
    expect((await release('1.0')).stderr).toContain('1.0 is not a version')
    expect((await release('0.8.9')).stderr).toContain('0.8.9 is older than 0.9.0')
    expect((await release('1.0.0', '--dry-run')).code).toBe(0)

    await write('stray.txt', '')
    expect((await release('1.0.0', '--dry-run')).stderr).toContain('?? stray.txt')
    await rm(join(project, 'stray.txt'))

    await checksThat('exit 1')
    commit()
    expect((await release('1.0.0')).stderr).toContain('.ci/run failed')

    git('tag', 'v1.0.0')
    expect((await release('1.0.0')).stderr).toContain('the tag v1.0.0 exists already')
    await write('CHANGELOG.md', CHANGELOG.replace('- A thing.', ''))
    commit()
    expect((await release('1.0.1')).stderr).toContain('nothing under "Unreleased"')
    expect(git('status', '--porcelain')).toBe('')
    expect(await readFile(join(project, 'package.json'), 'utf8')).toContain('0.9.0')
  })

  it('leaves the files as they were when the package cannot be built', async () => {
    const manifest = { name: 'tiny', version: '0.9.0', scripts: { prepack: 'exit 1' } }
    await write('package.json', JSON.stringify(manifest))
    commit()
    const { code, stderr } = await release('1.0.0')
    expect(code).toBe(1)
    expect(stderr).toContain('release: nothing was changed')
    expect(git('status', '--porcelain') + git('tag')).toBe('')
  })
})
