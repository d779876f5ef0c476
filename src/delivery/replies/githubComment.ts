import { judgeGitHub } from '../providers/github.ts'
import { jsonOf, textOf } from '../providers/verdict.ts'
import { findMarked, withMarker } from './marker.ts'
import { pick } from './pick.ts'
import { baseOf, jsonRequest, preset, ReplyError, required } from './preset.ts'

type Place = { repository: string; number: string }

/**
 * The URL is made of the settings' base and of parts that are checked, not taken from the payload: the token must never
 * go where a sender wants it.
 */
export const githubComment = preset<'github_comment', Place>({
  to: 'github_comment',
  writing: 'comment',
  // A comment has 65,536 characters; the rest is for the marker.
  limit: { characters: 65_000, messages: 3 },

  async locate(reply, { payload, render }) {
    const repository = (await render('repository', reply.repository)) ?? pick(payload, 'repository.full_name')
    const number =
      (await render('number', reply.number)) ?? pick(payload, 'issue.number', 'pull_request.number', 'number')
    const place = {
      repository: required(repository, 'repository', 'repository'),
      number: required(number, 'issue or pull request', 'number'),
    }
    if (!/^[\w.-]+\/[\w.-]+$/.test(place.repository) || /(?:^|\/)\.{1,2}(?:$|\/)/.test(place.repository)) {
      throw new ReplyError('the repository is not of the form owner/name')
    }
    if (!/^\d{1,15}$/.test(place.number)) throw new ReplyError('the issue number is not a number')
    return place
  },

  request: ({ reply, target, text, key, secret }) =>
    jsonRequest(commentsUrl(reply, target), { body: withMarker(text, key) }, headersOf(secret)),

  judge: judgeGitHub,
  made(answer) {
    const json = jsonOf(answer)
    return ['html_url', 'url', 'id'].flatMap((field) => textOf(json, field) ?? [])
  },

  find: {
    request: ({ reply, target, secret, since }) => ({
      method: 'GET',
      url: `${commentsUrl(reply, target)}?per_page=100&since=${since.toISOString()}`,
      headers: headersOf(secret),
    }),
    match: (answer, { key }) => findMarked(answer, key),
  },
})

function commentsUrl(reply: { base_url: string }, { repository, number }: Place): string {
  return `${baseOf(reply)}/repos/${repository}/issues/${number}/comments`
}

function headersOf(secret: string): Record<string, string> {
  return {
    authorization: `Bearer ${secret}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  }
}
