import { NativeSelect, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { approvalsQuery } from '../../api/approvalQueries.ts'
import { agentsQuery } from '../../api/queries.ts'
import type { Approval } from '../../api/types.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { LoadMore } from '../../components/LoadMore.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { filterChoices } from '../../lib/filterChoices.ts'
import { useListKeys } from '../../lib/useListKeys.ts'
import { useMay } from '../../lib/useMay.ts'
import { useSelection } from '../../lib/useSelection.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { ApprovalItem } from './ApprovalItem.tsx'
import classes from './ApprovalsPage.module.css'
import { DecideMany } from './DecideMany.tsx'
import type { Way } from './Decision.tsx'

const route = getRouteApi('/inside/approvals')

/** Calls to approve and questions to answer, decided in place. */
export function ApprovalsPage() {
  useTitle('Approvals')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const state = search.state ?? 'waiting'
  const query = useInfiniteQuery(approvalsQuery({ state, agentId: search.agent }))
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data) ?? []
  const found = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data])
  const tools = [...new Set(found.map(({ tool }) => tool))].toSorted()
  const shown = useMemo(
    () => found.filter(({ tool }) => search.tool === undefined || tool === search.tool),
    [found, search.tool],
  )
  return (
    <>
      <PageHeader
        title="Approvals"
        under="Calls that need a person, and questions from agents. Anything not decided in time is denied."
      />
      <nav className={classes.tabs} aria-label="Approvals by state">
        <Link
          to="/approvals"
          search={({ state: _state, ...rest }) => rest}
          className={classes.tab}
          data-current={state === 'waiting' || undefined}
          aria-current={state === 'waiting' ? 'page' : undefined}
        >
          Waiting
          {state === 'waiting' && query.data && (
            <span className={classes.count}>
              {found.length}
              {query.hasNextPage ? '+' : ''}
            </span>
          )}
        </Link>
        <Link
          to="/approvals"
          search={(before) => ({ ...before, state: 'decided' as const })}
          className={classes.tab}
          data-current={state === 'decided' || undefined}
          aria-current={state === 'decided' ? 'page' : undefined}
        >
          Decided
        </Link>
        <div className={classes.filters}>
          <NativeSelect
            aria-label="Agent"
            data={filterChoices(agents, { all: 'All agents', other: 'Another agent', chosen: search.agent })}
            value={search.agent ?? ''}
            onChange={(event) => {
              const { agent: _agent, ...rest } = search
              const agent = event.currentTarget.value
              void navigate({ search: agent === '' ? rest : { ...rest, agent }, replace: true })
            }}
          />
          <NativeSelect
            aria-label="Tool"
            data={[
              { value: '', label: 'All tools' },
              ...new Set([...tools, ...(search.tool === undefined ? [] : [search.tool])]),
            ]}
            value={search.tool ?? ''}
            onChange={(event) => {
              const { tool: _tool, ...rest } = search
              const tool = event.currentTarget.value
              void navigate({ search: tool === '' ? rest : { ...rest, tool }, replace: true })
            }}
          />
        </div>
      </nav>
      {query.isError && <Problem error={query.error} />}
      {!query.data && !query.isError ? (
        <Skeleton height="16rem" aria-label="Loading approvals" />
      ) : (
        <Inbox key={state} approvals={shown} empty={query.data ? <Nothing state={state} /> : null} />
      )}
      <LoadMore query={query} />
    </>
  )
}

function Nothing({ state }: { state: 'waiting' | 'decided' }) {
  return (
    <EmptyState title={state === 'waiting' ? 'Nothing to decide' : 'Nothing decided yet'}>
      <p>
        {state === 'waiting'
          ? 'Calls that need approval appear here. The settings of a tool or an agent decide which calls do.'
          : 'Decided and expired approvals appear here.'}
      </p>
    </EmptyState>
  )
}

function Inbox({ approvals, empty }: { approvals: Approval[]; empty: ReactNode }) {
  const list = useRef<HTMLOListElement>(null)
  const current = useRef(-1)
  const [ways, setWays] = useState<Record<string, Way>>({})
  const selection = useSelection(approvals)
  const mayDecide = useMay('approver')
  const waiting = approvals.filter(({ state }) => state === 'waiting')
  const chosen = waiting.filter(({ id }) => selection.items.has(id))
  // Only calls of one tool can be decided together: nobody reads ten sentences of different kinds.
  const tool = chosen[0]?.tool
  const wayOf = (id: string): Way => ways[id] ?? 'choose'
  const setWay = (id: string, way: Way): void => setWays((before) => ({ ...before, [id]: way }))
  const canChoose = ({ state, question, tool: own }: Approval): boolean =>
    mayDecide && state === 'waiting' && question === null && (tool === undefined || own === tool)

  // A decided item leaves the list; the keys continue with the item that takes its place.
  useEffect(() => {
    current.current = Math.min(current.current, approvals.length - 1)
  }, [approvals.length])

  const open = (way: Way) => (index: number) => {
    const approval = approvals[index]
    if (!mayDecide || approval?.state !== 'waiting') return
    setWay(approval.id, way === 'approve' && approval.question !== null ? 'edit' : way)
  }
  useListKeys({
    count: approvals.length,
    current: () => focusedIn(list.current) ?? current.current,
    focus: (index) => {
      current.current = index
      const item = list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)
      item?.focus()
      item?.scrollIntoView({ block: 'nearest' })
    },
    onToggle: (index, options) => {
      const approval = approvals[index]
      if (approval && canChoose(approval)) selection.toggle(index, options)
    },
    onEscape: () => {
      selection.clear()
      setWays({})
    },
    onOpen: (index) =>
      list.current?.querySelector<HTMLElement>(`[data-index="${index}"] a[data-open]`)?.click(),
    actions: { a: open('approve'), d: open('deny'), e: open('edit') },
  })

  return (
    <>
      {approvals.length === 0 && empty}
      <ol ref={list} className={classes.list} aria-label="Approvals" hidden={approvals.length === 0}>
        {approvals.map((approval, index) => (
          <ApprovalItem
            key={approval.id}
            approval={approval}
            index={index}
            way={wayOf(approval.id)}
            onWay={(way) => setWay(approval.id, way)}
            selected={selection.items.has(approval.id)}
            selectable={canChoose(approval)}
            onSelect={(extend) => selection.toggle(index, { extend })}
          />
        ))}
      </ol>
      {waiting.length > 0 && mayDecide && (
        <p className={classes.keys}>
          Keys: j and k move, a approves, d denies, e edits, x selects. Approving and denying both ask for
          confirmation.
        </p>
      )}
      {/* Rendered even if none is left, to show the outcome. */}
      <DecideMany
        approvals={chosen.filter((approval) => approval.tool === tool)}
        all={waiting.filter(({ tool: own, question }) => own === tool && question === null)}
        onAll={(all) => selection.set(all)}
        onClear={selection.clear}
      />
    </>
  )
}

function focusedIn(list: HTMLElement | null): number | undefined {
  const focused = document.activeElement
  if (!list || !focused || !list.contains(focused)) return undefined
  const index = focused.closest<HTMLElement>('[data-index]')?.dataset['index']
  return index === undefined ? undefined : Number(index)
}
