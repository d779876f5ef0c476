import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Ways to remove a safeguard from the program while it is loaded, to show that the harness would notice. None of this
 * is in the program itself: these are edits of its source, made in memory by a process that loads this file first.
 */
type Edit = { file: string; find: string; replace: string }

const EDITS = {
  /** A worker that has lost its lease can still write. */
  fence: [
    {
      file: 'src/tasks/steps.ts',
      find: "where t.id = i.task_id and t.attempt = i.attempt and t.worker_id = i.worker_id and t.state = 'STARTED'",
      replace: 'where t.id = i.task_id',
    },
    {
      file: 'src/tasks/settle.ts',
      find: "where t.id = i.id and t.attempt = i.attempt and t.worker_id = i.worker_id and t.state = 'STARTED'",
      replace: 'where t.id = i.id',
    },
  ],
  /** A worker does not notice that others have declared it dead. */
  notice: [
    {
      file: 'src/runner/session.ts',
      find: 'if (rowCount === 0)',
      replace: 'if (rowCount === -1)',
    },
    {
      file: 'src/runner/session.ts',
      find: 'if (left > 0) fence = setTimeout(stopWhenSilent, left)',
      replace: 'if (lastBeat > 0) fence = setTimeout(stopWhenSilent, 1_000)',
    },
    {
      file: 'src/runner/dispatcher.ts',
      find: 'if (performance.now() >= nextCompare) await compareWithDatabase()',
      replace: 'if (nextCompare < 0) await compareWithDatabase()',
    },
  ],
  /** The journal is ignored. */
  journal: [
    {
      file: 'src/runner/runTask.ts',
      find: 'find: (key) => rows.get(key)',
      replace: 'find: () => undefined',
    },
  ],
  /** Idempotency keys are ignored. */
  keys: [
    {
      file: 'src/tasks/accept.ts',
      find: 'place: ranks.next(trigger.agentId) }',
      replace: 'place: ranks.next(trigger.agentId), dedupe: undefined }',
    },
  ],
} satisfies Record<string, Edit[]>

export type Sabotage = keyof typeof EDITS

export const SABOTAGES = Object.keys(EDITS).filter((name): name is Sabotage => name in EDITS)

const VARIABLE = 'CHAOS_SABOTAGE'

/** The environment of a program without these safeguards. */
export function sabotaged(...names: Sabotage[]): Record<string, string> {
  return { NODE_OPTIONS: `--import=${import.meta.url}`, [VARIABLE]: names.join() }
}

const chosen = process.env[VARIABLE]?.split(',') ?? []
const edits = SABOTAGES.filter((name) => chosen.includes(name)).flatMap((name): Edit[] => EDITS[name])
if (edits.length > 0) {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const file = url.startsWith('file:') ? fileURLToPath(url) : ''
      const mine = edits.filter((edit) => file.endsWith(`/${edit.file}`))
      if (mine.length === 0) return loaded
      const { source: bytes } = loaded
      let source = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)
      for (const { find, replace } of mine) {
        if (source.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`)
        source = source.replace(find, replace)
      }
      return { ...loaded, source }
    },
  })
}
