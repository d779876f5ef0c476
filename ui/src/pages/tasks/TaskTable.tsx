import { Allowed } from '../../components/Allowed.tsx'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { Button } from '@mantine/core'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { LIVE_PAGES, tasksQuery } from '../../api/taskListQueries.ts'
import type { TaskSummary } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { RowSkeletons } from '../../components/Rows.tsx'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import { keepTrail } from '../../lib/taskTrail.ts'
import { exactly } from '../../lib/time.ts'
import { useListKeys } from '../../lib/useListKeys.ts'
import { useSelection, type Selection } from '../../lib/useSelection.ts'
import { BulkBar } from './BulkBar.tsx'
import { NoTasks } from './NoTasks.tsx'
import { TaskRow } from './TaskRow.tsx'
import classes from './TaskTable.module.css'

/** Row heights in pixels: fixed, so that a list of any length can be scrolled without measuring it. */
const ROW = 56
const CARD = 104

/** How many rows are rendered beyond the window, and how close to the end more are loaded. */
const OVERSCAN = 12

/** Tasks, newest first: a table that renders only the rows in the window, and loads more as it is scrolled. */
export function TaskTable({
  search,
  live,
  withAgent = true,
  total,
}: {
  search: TaskSearch
  live: boolean
  withAgent?: boolean
  /** How many tasks there are, if that is known. */
  total?: number | undefined
}) {
  const query = useInfiniteQuery(tasksQuery(search, { live }))
  const { hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage } = query
  const tasks = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data])
  const selection = useSelection(tasks)
  const searchedBackTo = query.data?.pages.at(-1)?.searched_back_to ?? null
  const key = JSON.stringify(search)
  const { clear } = selection
  useEffect(() => clear(), [key, clear])

  if (query.isError && !query.data) return <Problem error={query.error} />
  if (!query.data) {
    return (
      <ul className={classes.skeletons} aria-label="Loading tasks" aria-busy="true">
        <RowSkeletons count={10} />
      </ul>
    )
  }
  const isEmpty = tasks.length === 0 && searchedBackTo === null
  return (
    <>
      {query.isError && <Problem error={query.error} />}
      {isEmpty ? (
        <NoTasks search={search} />
      ) : (
        <>
          <Table
            tasks={tasks}
            search={search}
            selection={selection}
            withAgent={withAgent}
            dimmed={isPlaceholderData}
            rowCount={hasNextPage ? -1 : tasks.length}
            // After a page that took too long to find, the next is not loaded automatically: it may take as long.
            onEnd={searchedBackTo === null && hasNextPage && !isFetchingNextPage ? fetchNextPage : undefined}
          />
          <div className={classes.end}>
            {hasNextPage && searchedBackTo !== null ? (
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Search before {exactly(new Date(searchedBackTo))}
              </Button>
            ) : hasNextPage ? (
              <span role="status">Loading more…</span>
            ) : (
              <span>No more tasks</span>
            )}
            {live && query.data.pages.length > LIVE_PAGES && (
              <StaleNote at={query.dataUpdatedAt} onRefresh={() => window.scrollTo({ top: 0 })} />
            )}
          </div>
        </>
      )}
      {/* Rendered even if none is left, to show the outcome. */}
      <Allowed least="editor">
        <BulkBar selection={selection} loaded={tasks} search={search} total={total} />
      </Allowed>
    </>
  )
}

function StaleNote({ at, onRefresh }: { at: number; onRefresh: () => void }): ReactNode {
  return (
    <span className={classes.stale}>
      Not refreshed while you scroll, since {new Date(at).toLocaleTimeString('en-GB')}.{' '}
      <button type="button" className={classes.textButton} onClick={onRefresh}>
        Back to the newest
      </button>
    </span>
  )
}

function Table({
  tasks,
  search,
  selection,
  withAgent,
  dimmed,
  rowCount,
  onEnd,
}: {
  tasks: TaskSummary[]
  search: TaskSearch
  selection: Selection<TaskSummary>
  withAgent: boolean
  dimmed: boolean
  rowCount: number
  onEnd: (() => unknown) | undefined
}) {
  const frame = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const isNarrow = useMediaQuery('(max-width: 44rem)', false, { getInitialValueInEffect: false })
  const height = isNarrow ? CARD : ROW
  const rows = useWindowVirtualizer({
    count: tasks.length,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => tasks[index]?.id ?? index,
  })
  useEffect(() => rows.measure(), [rows, height])
  // The content above the table may change its height.
  useEffect(() => {
    const measure = (): void => {
      const at = frame.current?.getBoundingClientRect().top
      if (at !== undefined) setTop(Math.round(at + window.scrollY))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])

  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (onEnd && last >= tasks.length - OVERSCAN) onEnd()
  }, [onEnd, last, tasks.length])

  const current = useRef(-1)
  /** The row that is to get the focus as soon as it is rendered: keys that come before move on from it. */
  const pending = useRef<number>(undefined)
  const focusRow = useCallback(
    (index: number): void => {
      current.current = index
      pending.current = index
      rows.scrollToIndex(index, { align: 'auto' })
      const tryFocus = (tries: number): void => {
        if (pending.current !== index) return
        const link = frame.current?.querySelector<HTMLElement>(`a[data-index="${index}"]`)
        if (link || tries === 0) pending.current = undefined
        if (link) link.focus({ preventScroll: true })
        else if (tries > 0) requestAnimationFrame(() => tryFocus(tries - 1))
      }
      tryFocus(60)
    },
    [rows],
  )
  useListKeys({
    count: tasks.length,
    current: () => pending.current ?? focusedIn(frame.current) ?? current.current,
    focus: focusRow,
    onToggle: (index, options) => selection.toggle(index, options),
    onEscape: selection.clear,
    onOpen: (index) => frame.current?.querySelector<HTMLElement>(`a[data-index="${index}"]`)?.click(),
  })

  const navigate = useNavigate()
  const { toggle } = selection
  const onSelect = useCallback((index: number, extend: boolean) => toggle(index, { extend }), [toggle])
  const shown = useRef(tasks)
  shown.current = tasks
  const onOpen = useCallback(
    (id: string) => {
      keepTrail({ search, ids: shown.current.map((task) => task.id) }, id)
      void navigate({ to: '/tasks/$taskId', params: { taskId: id } })
    },
    [search, navigate],
  )
  const before = (items[0]?.start ?? top) - top
  const after = rows.getTotalSize() - ((items.at(-1)?.end ?? top) - top)

  return (
    <div ref={frame} className={classes.frame} data-dimmed={dimmed || undefined}>
      <table role="table" className={classes.table} aria-label="Tasks" aria-rowcount={rowCount}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            <th role="columnheader" className={classes.choose}>
              <label className={classes.box}>
                <input
                  type="checkbox"
                  aria-label="Select all loaded tasks"
                  checked={selection.items.size > 0 && tasks.every(({ id }) => selection.items.has(id))}
                  ref={(box) => {
                    if (box)
                      box.indeterminate =
                        selection.items.size > 0 && !tasks.every(({ id }) => selection.items.has(id))
                  }}
                  onChange={(event) => selection.set(event.currentTarget.checked ? tasks : [])}
                />
              </label>
            </th>
            <Head className={classes.state}>State</Head>
            <Head className={classes.task}>Task</Head>
            {withAgent && <Head className={classes.agent}>Agent</Head>}
            <Head className={classes.webhook}>Source</Head>
            <Head className={classes.error}>Error</Head>
            <Head className={classes.duration}>Duration</Head>
            <Head className={classes.tokens}>Tokens</Head>
            <Head className={classes.cost}>Cost</Head>
            <Head className={classes.received}>Received</Head>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Spacer height={before} />
          {items.map(({ index, key }) => {
            const task = tasks[index]
            return (
              task && (
                <TaskRow
                  key={key}
                  task={task}
                  index={index}
                  selected={selection.items.has(task.id)}
                  withAgent={withAgent}
                  onSelect={onSelect}
                  onOpen={onOpen}
                />
              )
            )
          })}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  )
}

function Head({ className, children }: { className: string | undefined; children: string }) {
  return (
    <th role="columnheader" scope="col" className={className}>
      {children}
    </th>
  )
}

/** The space of rows that are not rendered. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true" role="presentation" className={classes.spacer}>
      <td style={{ height }} />
    </tr>
  )
}

/** The row that has the focus. */
function focusedIn(frame: HTMLElement | null): number | undefined {
  const focused = document.activeElement
  if (!frame || !focused || !frame.contains(focused)) return undefined
  const index = focused.closest('tr')?.querySelector<HTMLElement>('a[data-index]')?.dataset['index']
  return index === undefined ? undefined : Number(index)
}
