import type { Transporter } from 'nodemailer'
import { toStorableText } from '../../contract/storable.ts'
import type { AttemptResult } from '../attempt.ts'

/** A mail in plain text. */
export type Mail = {
  to: readonly string[]
  subject: string
  text: string
  /** Becomes its Message-ID: the same on every attempt, by which many servers recognise a repetition. */
  id: string
  /** The Message-ID of the mail that this one answers. */
  inReplyTo?: string | undefined
}

export type MailSettings = {
  /** smtp: or smtps:, with user and password where the server needs them. */
  url: string
  /** The sender, such as `Bellwire <bellwire@example.com>`. */
  from: string
}

export type Mailer = {
  /** Never rejects because of the server or the mail. */
  send(mail: Mail): Promise<AttemptResult>
  close(): void
}

/** How long the server may take for its parts of the conversation. */
const CONNECT_MS = 10_000
const SOCKET_MS = 20_000

/** Why mail cannot be sent. */
export const NO_MAIL = 'mail is not configured; set BELLWIRE_SMTP_URL and BELLWIRE_MAIL_FROM'

/**
 * Creates what sends mail. A password never crosses the network in the clear: unless the server is on this machine, the
 * connection must be encrypted.
 *
 * @param settings undefined when mail is not configured: then every mail is refused
 */
export function createMailer(settings: MailSettings | undefined): Mailer {
  let transport: Promise<Transporter> | undefined

  return {
    async send(mail) {
      const started = performance.now()
      const result = (of: Partial<AttemptResult>): AttemptResult => ({
        kind: 'delivered',
        status: null,
        error: null,
        response: null,
        retryAfter: undefined,
        durationMs: Math.round(performance.now() - started),
        ...of,
      })
      if (!settings) return result({ kind: 'refused', error: NO_MAIL })
      transport ??= openTransport(settings.url)
      try {
        const { response = '', rejected = [] } = await (
          await transport
        ).sendMail({
          from: settings.from,
          to: [...mail.to],
          subject: mail.subject,
          text: mail.text,
          messageId: `<${mail.id}@${domainOf(settings.from)}>`,
          ...(mail.inReplyTo === undefined ? {} : { inReplyTo: mail.inReplyTo, references: mail.inReplyTo }),
          // Tells auto-responders not to answer: RFC 3834.
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        const refused = rejected.map(String)
        if (refused.length === 0) return result({ response: clean(response), status: statusOf(response) })
        return result({ kind: 'refused', error: `the mail server refused ${refused.join(', ')}` })
      } catch (error) {
        return result(explain(error))
      }
    },

    close: () => void transport?.then((open) => open.close()).catch(() => undefined),
  }
}

async function openTransport(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  const { protocol, username, hostname } = new URL(url)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return createTransport({
    url,
    requireTLS: protocol === 'smtp:' && username !== '' && !isLocal,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    dnsTimeout: CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/** A server's 5xx is its last word; everything else may pass. */
function explain(error: unknown): Partial<AttemptResult> {
  const { message, code, responseCode, response } = error as Error & {
    code?: string
    responseCode?: number
    response?: string
  }
  const status = responseCode ?? null
  const isFinal = (status !== null && status >= 500) || (code === 'EENVELOPE' && status === null)
  return {
    kind: isFinal ? 'refused' : 'failed',
    status,
    error: `the mail was not accepted (${clean(message)})`,
    response: response === undefined ? null : clean(response),
  }
}

function statusOf(response: string): number | null {
  const code = /^(\d{3})/.exec(response)?.[1]
  return code === undefined ? null : Number(code)
}

function domainOf(from: string): string {
  return /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
}

function clean(text: string): string {
  return toStorableText(text.slice(0, 2_000))
}
