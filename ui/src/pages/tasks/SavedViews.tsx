import { Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { deleteView, readViews, saveView, type SavedView } from '../../lib/savedViews.ts'
import { isFiltered, isSameSearch, type TaskSearch } from '../../lib/taskSearch.ts'
import classes from './SavedViews.module.css'

/** The views saved in this browser, and a button that saves another. */
export function useSavedViews(search: TaskSearch) {
  const [views, setViews] = useState(readViews)
  const current = views.find((view) => isSameSearch(view.search, search))
  const canSave = !current && (isFiltered(search) || search.range !== undefined || search.group !== undefined)
  return {
    list: <List views={views} current={current} onDelete={(name) => setViews(deleteView(name))} />,
    save: canSave && <Save onSave={(name) => setViews(saveView({ name, search }))} />,
  }
}

function List({
  views,
  current,
  onDelete,
}: {
  views: SavedView[]
  current: SavedView | undefined
  onDelete: (name: string) => void
}) {
  if (views.length === 0) return null
  return (
    <ul className={classes.list} aria-label="Saved views">
      {views.map((view) => (
        <li key={view.name} className={classes.view} data-current={view === current || undefined}>
          <Link
            to="/tasks"
            search={view.search}
            preload={false}
            activeOptions={{ includeSearch: true, exact: true }}
          >
            {view.name}
          </Link>
          {view === current && (
            <button type="button" aria-label={`Delete view ${view.name}`} onClick={() => onDelete(view.name)}>
              <span aria-hidden="true">✕</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

function Save({ onSave }: { onSave: (name: string) => void }) {
  const [naming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const wanted = name.trim()
  if (!naming) {
    return (
      <Button variant="subtle" onClick={() => setNaming(true)}>
        Save view
      </Button>
    )
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (wanted !== '') onSave(wanted)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setNaming(false)
      }}
    >
      <TextInput
        aria-label="Name of the view"
        placeholder="Name of the view"
        autoFocus
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" disabled={wanted === ''}>
        Save
      </Button>
      <Button variant="default" onClick={() => setNaming(false)}>
        Cancel
      </Button>
    </form>
  )
}
