import { judgeTeams, TEAMS_MAX_CHARACTERS, teamsMessage } from '../providers/teams.ts'
import { jsonRequest, preset, ReplyError } from './preset.ts'

export const teams = preset<'teams', Record<string, never>>({
  to: 'teams',
  writing: 'text',
  limit: { characters: TEAMS_MAX_CHARACTERS, messages: 5 },
  locate: () => Promise.resolve({}),
  request({ reply, text, secret }) {
    if (!URL.canParse(secret)) throw new ReplyError(`the secret ${reply.secret} is not the URL of a workflow`)
    return { ...jsonRequest(secret, teamsMessage(text)), shownUrl: `${new URL(secret).origin}/…` }
  },
  judge: judgeTeams,
})
