import { Input } from '@mantine/core'
import { useEffect, useId, useRef, useState } from 'react'
import classes from './Editor.module.css'
import type { EditorProps, Selection } from './editorProps.ts'
import { PlainEditor } from './PlainEditor.tsx'

/** What is loaded later. */
type Surface = typeof import('./EditorSurface.tsx')

let loaded: Surface | undefined
let loading: Promise<Surface> | undefined

/** Loads the editor once. It is tried again with the next editor that is shown. */
function load(): Promise<Surface> {
  loading ??= import('./EditorSurface.tsx').then(
    (surface) => (loaded = surface),
    (error: unknown) => {
      loading = undefined
      throw error
    },
  )
  return loading
}

/**
 * A field for text with a syntax. It is a plain text area until the code of the editor is loaded, and stays one if that
 * cannot be loaded; the text, the focus and the selection go over from one to the other. Tab leaves the field.
 */
export function Editor({
  label,
  description,
  error,
  required = false,
  field,
  minRows = 3,
  maxRows = 24,
  ...text
}: EditorProps) {
  const id = useId()
  const [surface, setSurface] = useState(loaded)
  const plain = useRef<HTMLTextAreaElement>(null)
  const selection = useRef<Selection>(undefined)

  useEffect(() => {
    if (surface) return
    let isGone = false
    void load().then(
      (module) => {
        if (isGone) return
        selection.current = selectionOf(plain.current)
        setSurface(module)
      },
      // It goes on as a text area.
      () => undefined,
    )
    return () => {
      isGone = true
    }
  }, [surface])

  const hasError = error !== undefined && error !== null && error !== ''
  const describedBy = [description === undefined ? [] : `${id}-description`, hasError ? `${id}-error` : []]
    .flat()
    .join(' ')
  const attributes = {
    id,
    'aria-labelledby': `${id}-label`,
    ...(describedBy === '' ? {} : { 'aria-describedby': describedBy }),
    ...(hasError ? { 'aria-invalid': 'true' as const } : {}),
    ...(required ? { 'aria-required': 'true' as const } : {}),
    ...(field === undefined ? {} : { 'data-field': field }),
  }

  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={hasError ? error : undefined}
      withAsterisk={required}
      labelElement="div"
      labelProps={{ id: `${id}-label`, onClick: () => document.getElementById(id)?.focus() }}
      descriptionProps={{ id: `${id}-description` }}
      errorProps={{ id: `${id}-error` }}
    >
      <div
        className={classes.field}
        data-error={hasError || undefined}
        data-described={description !== undefined || undefined}
        style={{ '--rows-min': minRows, '--rows-max': maxRows }}
      >
        {surface ? (
          <surface.EditorSurface {...text} attributes={attributes} selection={selection.current} />
        ) : (
          <PlainEditor {...text} attributes={attributes} minRows={minRows} ref={plain} />
        )}
      </div>
    </Input.Wrapper>
  )
}

function selectionOf(area: HTMLTextAreaElement | null): Selection {
  if (!area || document.activeElement !== area) return undefined
  return { anchor: area.selectionStart, head: area.selectionEnd }
}
