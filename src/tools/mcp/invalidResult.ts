import { jsonPointer } from '../../contract/fieldErrors.ts'
import { issueDetail } from '../../contract/issueDetail.ts'

/** Issues that are shown. */
const MAX_ISSUES = 3

type Issue = Parameters<typeof issueDetail>[0]

/**
 * Describes in one line why a server's result is invalid.
 *
 * @param message the client's, which ends with a list of issues in JSON over many lines, or with a sentence
 */
export function describeInvalidResult(message: string): string {
  const [, method = 'the request', reason = message] =
    /^Invalid result for (\S+): (?:\w*Error: )?([^]*)$/.exec(message) ?? []
  return `the server returned an invalid result for ${method}: ${describeIssues(reason)}`
}

function describeIssues(reason: string): string {
  const issues = readIssues(reason)
  if (!issues) return reason.replaceAll(/\s+/g, ' ')
  const shown = issues.slice(0, MAX_ISSUES).map((issue) => {
    const where = issue.path.length === 0 ? 'it' : jsonPointer(issue.path)
    const detail = issueDetail(issue)
    return `${where} ${/^must\b/.test(detail) ? detail : `is invalid (${detail})`}`
  })
  const more = issues.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ').replaceAll(/\s+/g, ' ')
}

function readIssues(text: string): Issue[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.length > 0 && list.every(isIssue) ? list : undefined
  } catch {
    return undefined
  }
}

function isIssue(value: unknown): value is Issue {
  if (typeof value !== 'object' || value === null) return false
  return (
    'path' in value && Array.isArray(value.path) && 'message' in value && typeof value.message === 'string'
  )
}
