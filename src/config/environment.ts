/** The variables that other programs need to run at all. Not PG*: they would affect PostgreSQL's tools. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'windir', 'ComSpec']

/** The environment for third-party programs: minimal, with a fixed locale. */
export function programEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' }
  for (const name of NEEDED) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

/** The environment for programs started by agents: just as minimal, with the locale left to them. */
export function toolEnvironment(): Record<string, string> {
  const { LC_ALL: _language, ...environment } = programEnvironment()
  return environment
}

/** Whether this process was started by an npm script. */
export function startedByNpm(): boolean {
  return Boolean(process.env['npm_lifecycle_event'])
}

/** The environment for another Bellwire process: this process's own, plus what that process needs. */
export function ownEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more }
}
