import type { Reply } from '../../contract/reply.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import { githubComment } from './githubComment.ts'
import { gitlabComment } from './gitlabComment.ts'
import type { Preset } from './preset.ts'
import { slackResponseUrl } from './slackResponseUrl.ts'
import { slackThread } from './slackThread.ts'
import { teams } from './teams.ts'
import { telegram } from './telegram.ts'

/** Every place that answers can be posted to. */
export const PRESETS: Readonly<Record<Reply['to'], Preset>> = {
  slack_thread: slackThread,
  slack_response_url: slackResponseUrl,
  github_comment: githubComment,
  gitlab_comment: gitlabComment,
  teams,
  discord,
  telegram,
  email,
}
