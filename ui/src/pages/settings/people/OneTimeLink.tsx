import { ShownOnce } from '../ShownOnce.tsx'

export type OneTimeLinkProps = { url: string; email: string; purpose: 'invitation' | 'reset' }

/** A link for one person, to join or to set a new password. */
export function OneTimeLink({ link, onDone }: { link: OneTimeLinkProps; onDone: () => void }) {
  return (
    <ShownOnce
      what={link.purpose === 'invitation' ? 'New invitation' : 'New password link'}
      title={`Send this link to ${link.email}`}
      label="Link"
      text={link.url}
      copy="Copy link"
      onDone={onDone}
    >
      It works once, for seven days, and is shown only now. Anyone who has it can use it.
    </ShownOnce>
  )
}
