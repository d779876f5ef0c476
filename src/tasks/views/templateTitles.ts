import type { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { parseExact } from '../../contract/exactJson.ts'
import { shorten } from '../../contract/shorten.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { Queryable } from '../../db/database.ts'
import { redactJson, redactText } from '../../telemetry/redact.ts'
import { parseTemplate, TemplateError } from '../../tools/templates/template.ts'

/** Characters of a title. */
const LENGTH = 200

/** Bytes of a payload that a template is rendered with at most: a page of a list reads up to a hundred of them. */
const MAX_PAYLOAD = 65_536

/** Milliseconds for the titles of one page. Those that are missing then are rendered the next time. */
const MAX_MS = 500

/**
 * The template of each revision, by agent and revision; and the title of each task, '' where it has none of a template.
 * Neither ever changes.
 */
const templates = new LRUCache<string, RevisionTitle>({ max: 2_000 })
const titles = new LRUCache<string, string>({ max: 20_000 })

type RevisionTitle = { title: string | null; name: string }

type Task = { id: string; agent_id: string; revision: number }

type Content = { id: string; payload: Buffer; request: InboundRequest; created_at: Date }

/**
 * What tasks are called by the templates of their agents, by id. A task is missing where its agent has no template,
 * where its payload is large, or where the template fails or renders to nothing.
 *
 * Titles are rendered when somebody looks at them, and kept: accepting and running a task costs nothing more.
 */
export async function templateTitles(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const unknown = [...new Set(ids)].filter((id) => !titles.has(id))
  if (unknown.length > 0) await renderTitles(db, unknown)
  return new Map(
    ids.flatMap((id) => {
      const title = titles.get(id) ?? ''
      return title === '' ? [] : [[id, title] as const]
    }),
  )
}

async function renderTitles(db: Queryable, ids: string[]): Promise<void> {
  const { rows: tasks } = await db.query<Task>(
    'select id, agent_id, revision from bellwire.tasks where id = any($1::uuid[])',
    [ids],
  )
  await readTemplates(db, tasks)
  const wanted = tasks.filter((task) => {
    const hasTemplate = templates.get(keyOf(task))?.title != null
    if (!hasTemplate) titles.set(task.id, '')
    return hasTemplate
  })
  if (wanted.length === 0) return

  const contents = await readContents(db, wanted)
  const end = performance.now() + MAX_MS
  for (const task of wanted) {
    const content = contents.get(task.id)
    const template = templates.get(keyOf(task))
    if (!template) continue
    titles.set(task.id, content ? await render(template, task, content) : '')
    if (performance.now() > end) return
    // Requests that came meanwhile go first.
    await setImmediate()
  }
}

/** Reads the templates of revisions that are not known yet. */
async function readTemplates(db: Queryable, tasks: Task[]): Promise<void> {
  const unknown = new Map(
    tasks.filter((task) => !templates.has(keyOf(task))).map((task) => [keyOf(task), task]),
  )
  if (unknown.size === 0) return
  const { rows } = await db.query<RevisionTitle & { agent_id: string; revision: number }>(
    `select agent_id, revision, config ->> 'title' as title, config ->> 'name' as name from bellwire.agent_revisions
      where (agent_id, revision) in (select * from unnest($1::uuid[], $2::int[]))`,
    [
      [...unknown.values()].map((task) => task.agent_id),
      [...unknown.values()].map(({ revision }) => revision),
    ],
  )
  for (const row of rows) templates.set(keyOf(row), { title: row.title, name: row.name })
}

async function readContents(db: Queryable, tasks: Task[]): Promise<Map<string, Content>> {
  const { rows } = await db.query<Content>(
    `select id, payload, request, created_at from bellwire.tasks
      where id = any($1::uuid[]) and octet_length(payload) <= ${MAX_PAYLOAD}`,
    [tasks.map(({ id }) => id)],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** The rendered title; '' when that fails. */
async function render({ title, name }: RevisionTitle, task: Task, content: Content): Promise<string> {
  try {
    const text = await parseTemplate(title ?? '').render({
      payload: redactPayload(content.payload),
      request: content.request,
      agent: { id: task.agent_id, name, revision: task.revision },
      now: content.created_at.toISOString(),
    })
    // A template may render megabytes.
    return shorten(
      redactText(text.slice(0, LENGTH * 20))
        .replace(/\s+/g, ' ')
        .trim(),
      LENGTH,
    )
  } catch (error) {
    if (error instanceof TemplateError) return ''
    throw error
  }
}

/** Without the values of fields with secret names. */
function redactPayload(payload: Buffer): unknown {
  // Written anew: spaces after a name would hide it from the search for secrets.
  return parseExact(redactJson(JSON.stringify(parseExact(payload.toString('utf8')))))
}

function keyOf({ agent_id: agentId, revision }: Pick<Task, 'agent_id' | 'revision'>): string {
  return `${agentId} ${revision}`
}
