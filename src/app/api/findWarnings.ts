import type { AgentConfig } from '../../contract/agent.ts'
import type { TaskWarning } from '../../contract/taskView.ts'
import type { Database } from '../../db/database.ts'
import type { FindWarnings } from '../../http/routes/tasks.ts'
import { createRevisionCache } from '../../tasks/revisionCache.ts'
import { describePath, hasPath, writtenPaths, type ReadPaths } from '../../tools/templates/missingPaths.ts'
import { TemplateError } from '../../tools/templates/template.ts'

/** Revisions whose templates are remembered. */
const MAX_KEPT = 200

type Templates = { template: 'instructions' | 'message'; paths: ReadPaths }[]

/** Makes the function that compares a payload with what the templates of its agent write. Revisions never change. */
export function createFindWarnings(db: Database): FindWarnings {
  const templatesOf = createRevisionCache<Templates>(db, { make: readTemplates, maxEntries: MAX_KEPT })

  return async ({ agentId, revision, payload }) =>
    (await templatesOf(agentId, revision)).flatMap(({ template, paths }) =>
      paths
        .filter((path) => !hasPath(payload, path))
        .map((path): TaskWarning => {
          const name = describePath(path)
          const detail = `The template "${template}" uses ${name}, but the payload has no such field: it renders as an empty string.`
          return { code: 'payload_path_missing', template, path: name, detail }
        }),
    )
}

function readTemplates({ instructions, message }: AgentConfig): Templates {
  return [
    { template: 'instructions', paths: pathsOf(instructions) },
    { template: 'message', paths: pathsOf(message ?? '') },
  ]
}

/** A template that cannot be parsed fails its runs with an error of its own. */
function pathsOf(text: string): ReadPaths {
  try {
    return writtenPaths(text)
  } catch (error) {
    if (error instanceof TemplateError) return []
    throw error
  }
}
