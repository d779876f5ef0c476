import { Button, type ButtonProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { copyText } from '../lib/copy.ts'
import { Icon } from './Icon.tsx'

const SHOWN_MS = 2_000

/** Copies a text that may be better not shown. The button itself says that it did. */
export function CopyButton({
  text,
  label = 'Copy',
  what,
  ...props
}: { text: string; label?: string; what?: string } & Pick<ButtonProps, 'variant' | 'size' | 'disabled'>) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])

  const says = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not copied' : label
  return (
    <Button
      variant="default"
      {...props}
      leftSection={<Icon name={outcome === 'copied' ? 'check' : 'copy'} />}
      aria-label={what === undefined || outcome ? undefined : `${label} ${what}`}
      onClick={() => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'failed'))}
    >
      <span aria-live="polite">{says}</span>
    </Button>
  )
}
