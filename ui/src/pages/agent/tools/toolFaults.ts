/** What the server found wrong with tools: of each by its place in the list, by the path within it; and with all. */
export type ToolFaults = { byTool: Record<number, Record<string, string>>; rest: string[] }

/** A line of the error of the field: the place of a tool, the path within it, and what is wrong. */
const LINE = /^\[(\d+)\](?:\.(\S*?))?: (.*)$/s

/**
 * Sorts the error of the field `tools` by tool and member: `[0].url: there is no secret X` belongs to `url` of the first
 * tool. What belongs to a tool as a whole is under ''.
 */
export function toolFaults(error: string | undefined): ToolFaults {
  const found: ToolFaults = { byTool: {}, rest: [] }
  for (const line of error?.split('\n') ?? []) {
    const [, place, path = '', detail = ''] = LINE.exec(line) ?? []
    if (place === undefined) {
      found.rest.push(line)
      continue
    }
    const own = (found.byTool[Number(place)] ??= {})
    const before = own[path]
    own[path] = before === undefined ? sentence(detail) : `${before}\n${sentence(detail)}`
  }
  return found
}

/**
 * What is wrong with a member, or below it.
 *
 * @param faults of one tool
 */
export function faultOf(faults: Record<string, string>, member: string): string | undefined {
  const lines = Object.entries(faults).flatMap(([path, detail]) => {
    if (path === member) return [detail]
    const isBelow = path.startsWith(`${member}.`) || path.startsWith(`${member}[`)
    return isBelow ? [`${path.slice(member.length).replace(/^\./, '')}: ${detail}`] : []
  })
  return lines.length === 0 ? undefined : lines.join('\n')
}

function sentence(detail: string): string {
  return detail.slice(0, 1).toUpperCase() + detail.slice(1)
}
