import { TextInput } from '@mantine/core'
import { useState } from 'react'
import classes from './TaskFilters.module.css'

const SHORTEST = 2

/** Searches for a text when it is submitted. */
export function SearchField({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(text)
  const wanted = typed.trim()
  const isShort = wanted.length > 0 && wanted.length < SHORTEST
  return (
    <form
      className={classes.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isShort) onSearch(wanted)
      }}
    >
      <TextInput
        type="search"
        aria-label="Search"
        placeholder="Search payloads, results and errors, or the start of an ID"
        maxLength={200}
        value={typed}
        error={isShort ? `Type at least ${SHORTEST} characters` : undefined}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          // The browser's clear button empties the field.
          if (event.currentTarget.value === '' && text !== '') onSearch('')
        }}
      />
    </form>
  )
}
