import { setTimeout as sleep } from 'node:timers/promises'
import type { UserLink } from '../../auth/users/userLinks.ts'
import type { LinkMail } from '../../contract/invitation.ts'
import type { Mailer } from '../../delivery/providers/mailer.ts'

/** Sends a link to the person it is for. Never rejects: the caller has the link, and can send it in another way. */
export type MailUserLink = (link: UserLink, url: string) => Promise<LinkMail>

/** How long the caller waits for the mail server. */
const PATIENCE_MS = 10_000

const SLOW: LinkMail = {
  sent: false,
  error: `the mail server did not accept the mail within ${PATIENCE_MS / 1_000} seconds; it may still arrive`,
}

/** @param publicUrl the address of the console, so that the person knows which installation this is */
export function createMailUserLink({
  mailer,
  publicUrl,
  patienceMs = PATIENCE_MS,
}: {
  mailer: Pick<Mailer, 'send'>
  publicUrl: string
  patienceMs?: number
}): MailUserLink {
  return async (link, url) => {
    const { subject, text } = link.kind === 'invitation' ? invitation(link, publicUrl) : reset(publicUrl)
    const mail = { to: [link.email], subject, text: lines(text, url, link.expiresAt), id: `link_${link.id}` }
    const waiting = new AbortController()
    const sending = mailer.send(mail).then(({ kind, error }) => ({ sent: kind === 'delivered', error }))
    const late = sleep(patienceMs, SLOW, { signal: waiting.signal })
    return Promise.race([sending, late]).finally(() => {
      late.catch(() => {})
      waiting.abort()
    })
  }
}

const UNTIL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

function lines(text: string, url: string, expiresAt: Date): string {
  return [
    text,
    url,
    `The link works once, until ${UNTIL.format(expiresAt)} UTC. Anyone who has it can use it.`,
    'If you did not expect this mail, ignore it.',
  ].join('\n\n')
}

function invitation({ role }: UserLink, publicUrl: string) {
  return {
    subject: 'Invitation to Bellwire',
    text: `You are invited to Bellwire at ${publicUrl}, with the role ${role}. Open this link to join:`,
  }
}

function reset(publicUrl: string) {
  return {
    subject: 'Set a new Bellwire password',
    text:
      `An owner of Bellwire at ${publicUrl} has created a link for you to set a new password. ` +
      'Your current password works until you use this link:',
  }
}
