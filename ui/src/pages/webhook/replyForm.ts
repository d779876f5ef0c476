import type { Reply } from '../../../../src/contract/reply.ts'
import type { Webhook } from '../../api/types.ts'

export type ReplyField =
  | 'secret'
  | 'channel'
  | 'thread'
  | 'url'
  | 'visibility'
  | 'repository'
  | 'number'
  | 'project'
  | 'issue'
  | 'merge_request'
  | 'chat'
  | 'address'
  | 'subject'
  | 'in_reply_to'
  | 'base_url'
  | 'text'
  | 'failure_text'

/** A reply as a person edits it. What another place would need is kept while one looks around. */
export type ReplyForm = Record<ReplyField, string> & {
  /** '' for none. */
  to: Reply['to'] | ''
  /** Comma-separated outcomes. */
  on: string
}

type FieldText = {
  label: string
  hint?: string
  /** The default, which is meant when the field is empty. */
  empty?: string
  required?: boolean
}

type Place = { title: string; about: string; fields: Partial<Record<ReplyField, FieldText>> }

const ofEvent = 'From the event'
const baseUrl = (empty: string): FieldText => ({ label: 'API base URL', empty })
const secret = (hint: string, required = true): FieldText => ({ label: 'Secret', hint, required })

/** The places that answers can go to, with what each of them needs beside the texts. */
export const PLACES: Record<Reply['to'], Place> = {
  slack_thread: {
    title: 'Slack thread',
    about: 'Posts in the thread of the message.',
    fields: {
      secret: secret('Holds the bot token (xoxb-…), which needs the scope chat:write'),
      channel: { label: 'Channel', empty: ofEvent, hint: 'For example #ops' },
      thread: { label: 'Thread (ts)', empty: ofEvent },
      base_url: baseUrl('https://slack.com/api'),
    },
  },
  slack_response_url: {
    title: 'Slack slash command',
    about: 'Posts to the response_url of a slash command or a component.',
    fields: {
      url: { label: 'URL', empty: 'response_url of the payload' },
      visibility: { label: 'Visible to', empty: 'in_channel' },
    },
  },
  github_comment: {
    title: 'GitHub comment',
    about: 'Comments on the issue or pull request.',
    fields: {
      secret: secret('Holds a token that may write issues or pull requests'),
      repository: { label: 'Repository', empty: ofEvent, hint: 'owner/name' },
      number: { label: 'Number', empty: ofEvent, hint: 'Of the issue or pull request' },
      base_url: baseUrl('https://api.github.com'),
    },
  },
  gitlab_comment: {
    title: 'GitLab comment',
    about: 'Comments on the issue or merge request.',
    fields: {
      secret: secret('Holds an access token with the scope api'),
      project: { label: 'Project', empty: ofEvent, hint: 'ID or path' },
      issue: { label: 'Issue', empty: ofEvent, hint: 'Its number (iid)' },
      merge_request: { label: 'Merge request', empty: ofEvent, hint: 'Its number (iid)' },
      base_url: baseUrl('https://gitlab.com'),
    },
  },
  teams: {
    title: 'Microsoft Teams',
    about: 'Posts to the chat or channel of a workflow.',
    fields: { secret: secret('Holds the URL of the workflow') },
  },
  discord: {
    title: 'Discord',
    about: 'Answers the interaction, or posts to a channel.',
    fields: {
      secret: secret('Holds a bot token or the URL of a channel webhook. Interactions need none', false),
      channel: { label: 'Channel', empty: ofEvent, hint: 'For a bot token' },
      base_url: baseUrl('https://discord.com/api/v10'),
    },
  },
  telegram: {
    title: 'Telegram',
    about: 'Answers the message in its chat.',
    fields: {
      secret: secret('Holds the token of the bot'),
      chat: { label: 'Chat', empty: ofEvent },
      base_url: baseUrl('https://api.telegram.org'),
    },
  },
  email: {
    title: 'Email',
    about: 'Sends an email. A fixed address is safest: an unverified payload can contain anyone’s address.',
    fields: {
      address: { label: 'Address', hint: 'For example ops@example.com', required: true },
      subject: { label: 'Subject', empty: '{{ payload.subject | default: "Your request" }}' },
      in_reply_to: { label: 'In reply to', empty: 'Nothing', hint: 'Message-ID of the email to reply to' },
    },
  },
}

/** The texts, which every place takes, with their defaults. */
export const TEXTS = {
  text: '{{ result.answer }}',
  failure_text: 'This request could not be completed ({{ error.code }}).',
}

const NAMES: readonly ReplyField[] = [
  'secret',
  'channel',
  'thread',
  'url',
  'visibility',
  'repository',
  'number',
  'project',
  'issue',
  'merge_request',
  'chat',
  'address',
  'subject',
  'in_reply_to',
  'base_url',
  'text',
  'failure_text',
]

/** Where errors of a reply are shown. */
export const REPLY_FIELDS = ['to', 'on', ...NAMES] as const

export function toReplyForm(reply: Webhook['reply']): ReplyForm {
  const stored: Partial<Record<string, unknown>> = { ...reply }
  const text = (name: ReplyField): string => {
    const value = stored[name]
    return typeof value === 'string' ? value : ''
  }
  return {
    to: reply?.to ?? '',
    on: reply?.on.toSorted().join(',') ?? 'success',
    secret: text('secret'),
    channel: text('channel'),
    thread: text('thread'),
    url: text('url'),
    visibility: text('visibility') || 'in_channel',
    repository: text('repository'),
    number: text('number'),
    project: text('project'),
    issue: text('issue'),
    merge_request: text('merge_request'),
    chat: text('chat'),
    address: text('address'),
    subject: text('subject'),
    in_reply_to: text('in_reply_to'),
    base_url: text('base_url'),
    text: text('text'),
    failure_text: text('failure_text'),
  }
}

/** The reply as the API takes it: only what its place knows, without what is empty. */
export function replyOf(form: ReplyForm): Record<string, unknown> | null {
  if (form.to === '') return null
  const known = PLACES[form.to].fields
  const fields = NAMES.filter((name) => name in known || name === 'text' || name === 'failure_text')
  return {
    to: form.to,
    on: form.on.split(','),
    ...Object.fromEntries(
      fields.filter((name) => form[name].trim() !== '').map((name) => [name, form[name]]),
    ),
  }
}
