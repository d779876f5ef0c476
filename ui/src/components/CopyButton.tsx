import { ActionIcon, Button, Tooltip, VisuallyHidden, type ButtonProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { copyText } from '../lib/copy.ts'
import { Icon } from './Icon.tsx'

const SHOWN_MS = 2_000

const OUTCOMES = { copied: 'Copied', failed: 'Not copied' }

function useCopy(text: string) {
  const [outcome, setOutcome] = useState<keyof typeof OUTCOMES>()
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (): void => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'failed'))
  return { outcome, copy }
}

/** The same as a small icon button for the corner of what it copies. */
export function CopyIcon({ text, what }: { text: string; what: string }) {
  const { outcome, copy } = useCopy(text)
  const label = outcome === undefined ? `Copy ${what}` : OUTCOMES[outcome]
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon variant="default" aria-label={`Copy ${what}`} onClick={copy}>
          <Icon name={outcome === 'copied' ? 'check' : 'copy'} />
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status">{outcome && OUTCOMES[outcome]}</VisuallyHidden>
    </>
  )
}

/** Copies text that is better not shown. The button itself shows that it was copied. */
export function CopyButton({
  text,
  label = 'Copy',
  ...props
}: { text: string; label?: string } & Pick<ButtonProps, 'variant' | 'size' | 'disabled'>) {
  const { outcome, copy } = useCopy(text)
  return (
    <Button
      variant="default"
      {...props}
      leftSection={<Icon name={outcome === 'copied' ? 'check' : 'copy'} />}
      onClick={copy}
    >
      <span aria-live="polite">{outcome ? OUTCOMES[outcome] : label}</span>
    </Button>
  )
}
