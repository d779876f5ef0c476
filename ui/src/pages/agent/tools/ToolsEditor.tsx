import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Tool } from '../../../../../src/contract/agent.ts'
import { isObject } from '../../../../../src/contract/jsonObject.ts'
import { JsonEditor } from '../../../components/editor/JsonEditor.tsx'
import { Allowed } from '../../../components/Allowed.tsx'
import { Icon } from '../../../components/Icon.tsx'
import { AddTool } from './AddTool.tsx'
import { secretNamesQuery } from './secretNamesQuery.ts'
import { toolFaults } from './toolFaults.ts'
import { addTool, moveTool, nameOf, readTools, writeTools, type Entry, type ToolList } from './toolList.ts'
import { ToolRow } from './ToolRow.tsx'
import { summarise } from './toolSummary.ts'
import classes from './Tools.module.css'

/**
 * Edits the list of tools: as rows with a form each, or as JSON.
 *
 * @param value the list as JSON text; what is no JSON yet is kept as it is
 * @param saved the tools as the server has them
 */
export function ToolsEditor({
  value,
  error,
  saved,
  onChange,
}: {
  value: string
  error: string | undefined
  saved: readonly Tool[]
  onChange: (value: string) => void
}) {
  const [known, setKnown] = useState(() => readKnown(value, []))
  const [mode, setMode] = useState<'form' | 'json'>('form')
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const [removed, setRemoved] = useState<{ entry: Entry; at: number }>()
  const [adding, setAdding] = useState(false)
  const { data: secrets } = useQuery(secretNamesQuery)

  const shown = known.text === value ? known : readKnown(value, known.lastGood)
  if (shown !== known) setKnown(shown)
  const { list } = shown
  const entries = list.ok ? list.entries : []
  const asJson = mode === 'json' || !list.ok
  const faults = toolFaults(error)
  const firstFault = Object.keys(faults.byTool)
    .map(Number)
    .toSorted((a, b) => a - b)[0]

  function write(next: Entry[]): void {
    const text = writeTools(next)
    setKnown({ text, list: { ok: true, entries: next }, lastGood: next })
    onChange(text)
  }
  function setOpened(key: number, isOpen: boolean): void {
    const next = new Set(open)
    if (isOpen) next.add(key)
    else next.delete(key)
    setOpen(next)
  }
  function add(tool: unknown, at?: number): void {
    const next = addTool(entries, tool, at)
    write(next)
    const key = next[at ?? next.length - 1]?.key
    if (key !== undefined && !isBuiltinTool(tool)) setOpened(key, true)
  }
  function undo(): void {
    if (!removed) return
    write(entries.toSpliced(removed.at, 0, removed.entry))
    setRemoved(undefined)
  }

  return (
    <div className={classes.tools}>
      <div className={classes.bar}>
        <p className={classes.count}>
          {!list.ok
            ? 'The JSON cannot be read yet.'
            : entries.length === 0
              ? 'No tools.'
              : entries.length === 1
                ? '1 tool'
                : `${entries.length} tools`}
        </p>
        <div className={classes.actions}>
          <SegmentedControl
            size="xs"
            aria-label="Edit tools as"
            value={asJson ? 'json' : 'form'}
            data={[
              { value: 'form', label: 'Form', disabled: !list.ok },
              { value: 'json', label: 'JSON' },
            ]}
            onChange={(next) => setMode(next === 'json' ? 'json' : 'form')}
          />
          <Allowed least="editor">
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<Icon name="plus" size={14} />}
              disabled={!list.ok}
              onClick={() => setAdding(true)}
            >
              Add tool
            </Button>
          </Allowed>
        </div>
      </div>
      {removed && (
        <p className={classes.removed} role="status">
          Removed {nameOf(removed.entry.tool) ?? 'a tool'}.
          <Button variant="subtle" size="compact-sm" onClick={undo} autoFocus>
            Undo
          </Button>
        </p>
      )}
      {asJson ? (
        <JsonEditor
          label="Tools as JSON"
          field="tools"
          minRows={3}
          maxRows={28}
          value={value}
          error={error ?? (list.ok ? undefined : list.error)}
          onChange={(text) => {
            setMode('json')
            onChange(text)
          }}
        />
      ) : (
        <>
          {entries.length > 0 && (
            <ul className={classes.list} aria-label="Tools">
              {entries.map((entry, at) => (
                <ToolRow
                  key={entry.key}
                  entry={entry}
                  saved={savedOf(entry, saved)}
                  isOpen={open.has(entry.key)}
                  faults={faults.byTool[at] ?? {}}
                  missing={
                    secrets === undefined
                      ? []
                      : summarise(entry.tool, undefined).secrets.filter((name) => !secrets.includes(name))
                  }
                  isFirstFault={at === firstFault}
                  actions={{
                    onToggle: () => setOpened(entry.key, !open.has(entry.key)),
                    onChange: (tool) =>
                      write(entries.map((other) => (other === entry ? { key: entry.key, tool } : other))),
                    onDuplicate: () => add(entry.tool, at + 1),
                    onMoveUp: at === 0 ? undefined : () => write(moveTool(entries, at, at - 1)),
                    onMoveDown:
                      at === entries.length - 1 ? undefined : () => write(moveTool(entries, at, at + 1)),
                    onRemove: () => {
                      setRemoved({ entry, at })
                      write(entries.toSpliced(at, 1))
                    },
                  }}
                />
              ))}
            </ul>
          )}
          {faults.rest.length > 0 && (
            <p
              className={classes.fault}
              role="alert"
              tabIndex={-1}
              {...(firstFault === undefined ? { 'data-field': 'tools' } : {})}
            >
              {faults.rest.join('\n')}
            </p>
          )}
        </>
      )}
      {adding && (
        <AddTool
          tools={entries.map(({ tool }) => tool)}
          onAdd={(tool) => {
            add(tool)
            setMode('form')
            setAdding(false)
          }}
          onClose={() => setAdding(false)}
        />
      )}
    </div>
  )
}

/** A text with the list that it holds; `lastGood` is the last list that could be read: tools keep their keys. */
type Known = { text: string; list: ToolList; lastGood: readonly Entry[] }

function readKnown(text: string, before: readonly Entry[]): Known {
  const list = readTools(text, before)
  return { text, list, lastGood: list.ok ? list.entries : before }
}

function isBuiltinTool(tool: unknown): boolean {
  return isObject(tool) && tool['type'] === 'builtin'
}

/** The same tool as it is saved: the one of its type and name. */
function savedOf({ tool }: Entry, saved: readonly Tool[]): Tool | undefined {
  const name = nameOf(tool)
  const type = typeof tool === 'object' && tool !== null && 'type' in tool ? tool.type : undefined
  return saved.find((other) => other.type === type && other.name === name)
}
