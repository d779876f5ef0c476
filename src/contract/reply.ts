import { z } from 'zod'
import { SecretName } from './secret.ts'

/** How a task ended, as replies distinguish it. A cancelled task gets no reply. */
export const ReplyOutcome = z.enum(['success', 'failure'])
export type ReplyOutcome = z.infer<typeof ReplyOutcome>

/** What templates of a reply may use. */
export const REPLY_VARIABLES = ['task_id', 'links', 'payload', 'result', 'error']

const Template = z.string().min(1).max(20_000)

/** A place, as a template over the payload. */
const place = (description: string) => Template.max(2_000).optional().meta({ description })

const Secret = (description: string) => SecretName.meta({ description })

const baseUrl = (url: string) =>
  z
    .string()
    .max(500)
    .refine(isBaseUrl, 'use an http or https URL without query and credentials')
    .default(url)
    .meta({ description: `Base URL of the API; ${url} by default` })

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}

const COMMON = {
  on: z
    .array(ReplyOutcome)
    .min(1)
    .max(2)
    .default(['success'])
    .meta({ description: 'Which outcomes are replied to' }),
  text: Template.default('{{ result.answer }}').meta({
    description: 'A Liquid template over task_id, links, payload and result. Empty text: nothing is sent',
  }),
  failure_text: Template.default('This request could not be completed ({{ error.code }}).').meta({
    description: 'The same for tasks that failed, over task_id, links, payload and error',
  }),
}

const SlackThread = z.strictObject({
  to: z.literal('slack_thread'),
  secret: Secret('Name of the secret with the bot token (xoxb-…), which needs the scope chat:write'),
  channel: place('The channel; that of the event by default'),
  thread: place('The ts of the message to reply to; that of the event by default'),
  base_url: baseUrl('https://slack.com/api'),
  ...COMMON,
})

const SlackResponseUrl = z.strictObject({
  to: z.literal('slack_response_url'),
  url: place('The URL; response_url of the payload by default, which must then be on hooks.slack.com'),
  visibility: z
    .enum(['in_channel', 'ephemeral'])
    .default('in_channel')
    .meta({ description: 'ephemeral: only the person who asked sees it' }),
  ...COMMON,
})

const GitHubComment = z.strictObject({
  to: z.literal('github_comment'),
  secret: Secret('Name of the secret with a token that may write issues or pull requests'),
  repository: place('owner/name; that of the event by default'),
  number: place('The number of the issue or pull request; that of the event by default'),
  base_url: baseUrl('https://api.github.com'),
  ...COMMON,
})

const GitLabComment = z.strictObject({
  to: z.literal('gitlab_comment'),
  secret: Secret('Name of the secret with an access token with the scope api'),
  project: place('Id or path of the project; that of the event by default'),
  issue: place('The number (iid) of the issue; that of the event by default'),
  merge_request: place('The number (iid) of the merge request; that of the event by default'),
  base_url: baseUrl('https://gitlab.com'),
  ...COMMON,
})

const Teams = z.strictObject({
  to: z.literal('teams'),
  secret: Secret('Name of the secret with the URL of the workflow that posts to the chat or channel'),
  ...COMMON,
})

const Discord = z.strictObject({
  to: z.literal('discord'),
  secret: Secret(
    'Name of the secret with a bot token or the URL of a channel webhook; not needed for interactions',
  ).optional(),
  channel: place('The channel, for a bot token; that of the event by default'),
  base_url: baseUrl('https://discord.com/api/v10'),
  ...COMMON,
})

const Telegram = z.strictObject({
  to: z.literal('telegram'),
  secret: Secret('Name of the secret with the token of the bot'),
  chat: place('The chat; that of the message by default'),
  base_url: baseUrl('https://api.telegram.org'),
  ...COMMON,
})

const Email = z.strictObject({
  to: z.literal('email'),
  address: Template.max(2_000).meta({
    description: 'The recipient, as a template',
    example: 'ops@example.com',
  }),
  subject: Template.max(2_000)
    .default('{{ payload.subject | default: "Your request" }}')
    .meta({ description: 'The subject, as a template' }),
  in_reply_to: place('The Message-ID of the mail that this one replies to'),
  ...COMMON,
})

/** Where the answer of a webhook's tasks is posted. */
export const Reply = z
  .discriminatedUnion('to', [
    SlackThread,
    SlackResponseUrl,
    GitHubComment,
    GitLabComment,
    Teams,
    Discord,
    Telegram,
    Email,
  ])
  .meta({ id: 'Reply', description: "Posts each task's answer to where its event came from" })
export type Reply = z.infer<typeof Reply>

/** The settings of one kind of reply. */
export type ReplyTo<To extends Reply['to']> = Extract<Reply, { to: To }>
