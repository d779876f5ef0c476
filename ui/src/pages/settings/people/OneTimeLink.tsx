import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { Code } from '../../../components/Code.tsx'
import { CopyButton } from '../../../components/CopyButton.tsx'
import type { LinkMail } from '../../../api/types.ts'
import { Notice } from '../../../components/Notice.tsx'
import classes from '../Settings.module.css'

export type OneTimeLinkProps = {
  url: string
  email: string
  mail: LinkMail
  purpose: 'invitation' | 'reset'
}

/** A link that was made just now, the only time that it is shown. */
export function OneTimeLink({ link, onDone }: { link: OneTimeLinkProps; onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [link.url])
  const { email, mail } = link
  const what = link.purpose === 'invitation' ? 'invitation' : 'password link'
  return (
    <div ref={box} tabIndex={-1} className={classes.made} role="group" aria-label={`New ${what}`}>
      {mail.sent ? (
        <Notice tone="good" title={`The link was sent to ${email}`}>
          It works once, for seven days, and is shown only now. Anyone who has it can use it.
        </Notice>
      ) : (
        <Notice title={`Send this link to ${email} yourself`}>
          <p>It works once, for seven days, and is shown only now. Anyone who has it can use it.</p>
          <p>It was not sent by email: {mail.error}.</p>
        </Notice>
      )}
      <Code label="Link" text={link.url} />
      <div className={classes.actions}>
        <CopyButton text={link.url} label="Copy link" />
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  )
}
