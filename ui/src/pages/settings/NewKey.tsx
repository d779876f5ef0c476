import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { CreatedApiKey } from '../../api/types.ts'
import { Code } from '../../components/Code.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Notice } from '../../components/Notice.tsx'
import classes from './Settings.module.css'

/** A key that was made just now, the only time that it is shown. */
export function NewKey({ created, onDone }: { created: CreatedApiKey; onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [created.id])
  return (
    <div ref={box} tabIndex={-1} className={classes.made} role="group" aria-label="New API key">
      <Notice tone="good" title={`Copy the key “${created.name}” now`}>
        It is shown only once: Bellwire keeps only its hash. If you lose it, revoke it and create another.
      </Notice>
      <Code label="API key" text={created.key} />
      <div className={classes.actions}>
        <CopyButton text={created.key} label="Copy key" />
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  )
}
