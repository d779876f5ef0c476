import { ToolError, type RunTool } from '../tool.ts'

const DESCRIPTION =
  'Returns the current date and time in UTC and, if a time zone is given, in that zone. ' +
  'Call it whenever the answer depends on what day or time it is.'

const PARAMETERS = {
  type: 'object',
  properties: {
    time_zone: { type: 'string', description: 'IANA name of a time zone, for example Europe/London' },
  },
  additionalProperties: false,
}

/** The built-in tool `current_time`. */
export function createCurrentTime(now: () => Date): RunTool {
  return {
    name: 'current_time',
    description: DESCRIPTION,
    parameters: PARAMETERS,
    access: 'read',
    idempotent: true,
    check: () => Promise.resolve(undefined),
    call: async (args) => {
      const zone =
        typeof args === 'object' && args !== null && 'time_zone' in args ? args.time_zone : undefined
      const date = now()
      const utc = date.toISOString()
      if (typeof zone !== 'string' || zone === '') return { utc }
      return { utc, time_zone: zone, local: localTime(date, zone) }
    },
  }
}

/** For example `Monday, 23 November 2026 at 10:44:05 GMT`. */
function localTime(date: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'long' }).format(date)
  } catch {
    throw new ToolError(`there is no time zone ${JSON.stringify(timeZone.slice(0, 100))}; use an IANA name`)
  }
}
