import { TextInput } from '@mantine/core'
import { useState } from 'react'

const SHORTEST = 2

/** Searches for a text when it is submitted. */
export function TaskSearchField({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(text)
  const wanted = typed.trim()
  const isShort = wanted.length > 0 && wanted.length < SHORTEST
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!isShort) onSearch(wanted)
      }}
    >
      <TextInput
        type="search"
        label="Search"
        placeholder="Text, or the start of an ID"
        maxLength={200}
        value={typed}
        error={isShort ? `Type at least ${SHORTEST} characters` : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </form>
  )
}
