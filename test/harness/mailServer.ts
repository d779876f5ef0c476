import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'

/** A mail as it arrived. */
export type ReceivedMail = { from: string; to: string[]; raw: string }

/** A mail server on loopback that keeps the mail it receives. */
export type MailServer = {
  /** `smtp://user:secret@127.0.0.1:PORT` */
  url: string
  mails: ReceivedMail[]
  /** The response to the next mails: an SMTP code and a text; undefined accepts them. */
  answer(error: { code: number; message: string } | undefined): void
  stop(): Promise<void>
}

/** Starts a mail server that requires the user `user` with the password `secret`. */
export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  let refusal: { code: number; message: string } | undefined
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === 'user' && password === 'secret') done(null, { user: username })
      else done(new Error('wrong user or password'))
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        if (refusal) {
          done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
          return
        }
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        })
        done(null)
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://user:secret@127.0.0.1:${port}`,
    mails,
    answer: (error) => (refusal = error),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
