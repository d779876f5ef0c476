/** What other programs need of our environment to run at all. Not PG*: they would steer PostgreSQL's tools. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'windir', 'ComSpec']

/** The environment for programs that are not ours: little, and the same language everywhere. */
export function programEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' }
  for (const name of NEEDED) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

/** The environment for programs that agents start: as little, with the language left to them. */
export function toolEnvironment(): Record<string, string> {
  const { LC_ALL: _language, ...environment } = programEnvironment()
  return environment
}

/** Whether an npm script runs us. */
export function startedByNpm(): boolean {
  return Boolean(process.env['npm_lifecycle_event'])
}

/** The environment for another process of ours: our own, and what that process has to know besides. */
export function ownEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more }
}
