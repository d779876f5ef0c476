import { Skeleton } from '@mantine/core'
import { useSyncExternalStore, type ReactNode } from 'react'
import { noteSilence, whenLive } from '../../api/connection.ts'
import type { Markdown as MarkdownComponent } from '../../components/Markdown.tsx'

/** The component that shows Markdown: undefined while it loads, null if loading failed. */
let Markdown: typeof MarkdownComponent | null | undefined
const listeners = new Set<() => void>()

function set(value: typeof Markdown): void {
  Markdown = value
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const load = async (): Promise<void> => set((await import('../../components/Markdown.tsx')).Markdown)

// Loaded along with the page, before it is known whether the task has an answer. Text can be read without formatting,
// so unlike for a page, a failure is no reason to load the console again.
load().catch(async () => {
  set(null)
  await noteSilence()
  await whenLive()
  await load().catch(() => {})
})

/** Characters of a line, and the maximum number of lines that are drawn while the code loads. */
const LINE = 80
const MAX_LINES = 10

/** A text as Markdown. If the code for that cannot be loaded, it is shown as `plain`. */
export function FormattedText({ text, plain }: { text: string; plain: ReactNode }) {
  const Loaded = useSyncExternalStore(subscribe, () => Markdown)
  if (Loaded === null) return plain
  if (Loaded === undefined) return <Lines count={Math.ceil(text.length / LINE)} />
  return (
    <div data-testid="answer">
      <Loaded text={text} />
    </div>
  )
}

/** About as high as the text will be. */
function Lines({ count }: { count: number }) {
  const lines = Math.min(count, MAX_LINES)
  return (
    <div aria-busy="true" aria-label="Loading the answer" role="group">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height="0.9rem" mb="0.6rem" width={line === lines - 1 ? '60%' : '100%'} />
      ))}
    </div>
  )
}
