// Makes a release: node scripts/release.mjs VERSION [--dry-run]
//
// From a clean tree whose checks pass: sets the version, dates the section of the changelog, builds the package,
// commits and tags. Nothing leaves the machine: pushing the tag and publishing the package are the next steps.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const UNRELEASED = '## [Unreleased]'
const FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md']

class Refusal extends Error {}

try {
  release(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`release: ${error.message}\n`)
  process.exitCode = 1
}

function release(args) {
  const dryRun = args.includes('--dry-run')
  const [version, ...rest] = args.filter((arg) => arg !== '--dry-run')
  if (!version || rest.length > 0)
    throw new Refusal('name one version, such as 1.2.3, and --dry-run to only look')
  const { version: current } = JSON.parse(readFileSync('package.json', 'utf8'))
  refuseVersion(version, current)
  refuseTag(version)
  refuseDirtyTree()
  const changelog = readFileSync('CHANGELOG.md', 'utf8')
  const dated = dateChangelog(changelog, version, new Date().toISOString().slice(0, 10))
  if (dryRun) {
    say(
      `would run .ci/run, set the version ${current} to ${version}, build the package, commit and tag v${version}`,
    )
    say(`the changelog would say:\n\n${sectionOf(dated, version)}`)
    return
  }

  run('.ci/run')
  refuseDirtyTree()
  let tarball
  try {
    run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts')
    writeFileSync('CHANGELOG.md', dated)
    tarball = Object.values(JSON.parse(read('npm', 'pack', '--json', '--loglevel=error')))[0]
  } catch (error) {
    read('git', 'checkout', '--', ...FILES)
    throw new Refusal(`nothing was changed: ${error instanceof Error ? error.message : error}`)
  }
  run('git', 'commit', '--quiet', '--message', `Release ${version}`, '--', ...FILES)
  run('git', 'tag', '--annotate', `v${version}`, '--message', `Bellwire ${version}`)
  say(`made ${tarball.filename} and the tag v${version}; push the tag and publish the package next`)
}

function refuseVersion(version, current) {
  const numbers = parse(version)
  if (!numbers) throw new Refusal(`${version} is not a version such as 1.2.3`)
  const before = parse(current) ?? [0, 0, 0]
  const at = numbers.findIndex((number, index) => number !== before[index])
  if (at >= 0 && numbers[at] < before[at]) throw new Refusal(`${version} is older than ${current}`)
}

function parse(version) {
  return /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number)
}

function refuseTag(version) {
  if (read('git', 'tag', '--list', `v${version}`) !== '')
    throw new Refusal(`the tag v${version} exists already`)
}

function refuseDirtyTree() {
  const changes = read('git', 'status', '--porcelain')
  if (changes !== '') throw new Refusal(`commit or remove these changes first:\n${changes}`)
}

/** Puts a dated heading over what is unreleased. */
function dateChangelog(text, version, date) {
  const [before, after, ...rest] = text.split(UNRELEASED)
  if (after === undefined || rest.length > 0)
    throw new Refusal(`CHANGELOG.md needs the heading "${UNRELEASED}" once`)
  if (!/^- /m.test(after.split('\n## ')[0])) throw new Refusal('CHANGELOG.md says nothing under "Unreleased"')
  return `${before}${UNRELEASED}\n\n## [${version}] - ${date}${after}`
}

function sectionOf(changelog, version) {
  const from = changelog.indexOf(`## [${version}]`)
  const to = changelog.indexOf('\n## ', from + 1)
  return changelog.slice(from, to < 0 ? undefined : to).trimEnd()
}

function run(program, ...args) {
  try {
    execFileSync(program, args, { stdio: ['ignore', 2, 2] })
  } catch {
    throw new Refusal(`${[program, ...args].join(' ')} failed`)
  }
}

function read(program, ...args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }).trimEnd()
}

function say(text) {
  process.stdout.write(`release: ${text}\n`)
}
