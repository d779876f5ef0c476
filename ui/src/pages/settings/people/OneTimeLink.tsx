import type { LinkMail } from '../../../api/types.ts'
import { ShownOnce } from '../ShownOnce.tsx'

export type OneTimeLinkProps = {
  url: string
  email: string
  mail: LinkMail
  purpose: 'invitation' | 'reset'
}

/** A link for one person, to join or to set a new password. */
export function OneTimeLink({ link, onDone }: { link: OneTimeLinkProps; onDone: () => void }) {
  const { email, mail } = link
  return (
    <ShownOnce
      what={link.purpose === 'invitation' ? 'New invitation' : 'New password link'}
      tone={mail.sent ? 'good' : 'plain'}
      title={mail.sent ? `The link was sent to ${email}` : `Send this link to ${email} yourself`}
      label="Link"
      text={link.url}
      copy="Copy link"
      onDone={onDone}
    >
      <p>It works once, within seven days, and is shown only now. Anyone who has it can use it.</p>
      {!mail.sent && <p>It was not sent by email: {mail.error}.</p>}
    </ShownOnce>
  )
}
