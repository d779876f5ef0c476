import { Button } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { Code } from '../../components/Code.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Notice } from '../../components/Notice.tsx'
import classes from './Settings.module.css'

/** A key or a link that was just created, and is shown only once. It gets the focus. */
export function ShownOnce({
  what,
  tone = 'good',
  title,
  children,
  label,
  text,
  copy,
  onDone,
}: {
  /** The name of the group, for screen readers. */
  what: string
  tone?: 'good' | 'plain'
  title: string
  children: ReactNode
  /** The label of the text. */
  label: string
  text: string
  /** The label of the button that copies it. */
  copy: string
  onDone: () => void
}) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [text])
  return (
    <div ref={box} tabIndex={-1} className={classes.made} role="group" aria-label={what}>
      <Notice tone={tone} title={title}>
        {children}
      </Notice>
      <Code label={label} text={text} />
      <div className={classes.actions}>
        <CopyButton text={text} label={copy} />
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  )
}
