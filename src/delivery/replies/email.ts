import { preset, ReplyError, required } from './preset.ts'

type Place = { address: string; subject: string; inReplyTo: string | undefined }

export const email = preset<'email', Place>({
  to: 'email',
  writing: 'text',
  limit: { characters: 500_000, messages: 1 },

  async locate(reply, { render }) {
    const address = oneLine(required(await render('address', reply.address), 'address', 'address'))
    if (!/^[^\s@]+@[^\s@]+$|<[^\s@<>]+@[^\s@<>]+>$/.test(address)) {
      throw new ReplyError(`${JSON.stringify(address.slice(0, 100))} is not a mail address`)
    }
    if (address.includes(',') || address.includes(';'))
      throw new ReplyError('a reply can go to only one mail address')
    return {
      address,
      subject: oneLine((await render('subject', reply.subject)) ?? ''),
      inReplyTo: await render('in_reply_to', reply.in_reply_to),
    }
  },

  mail: ({ target, text, key }) => ({
    to: [target.address],
    subject: target.subject,
    text,
    id: key,
    inReplyTo: target.inReplyTo,
  }),
})

/** A header is one line, whatever the payload says. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 500)
}
