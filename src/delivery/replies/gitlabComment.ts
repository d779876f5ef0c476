import { gitlabMade, judgeGitLab } from '../providers/gitlab.ts'
import { findMarked, withMarker } from './marker.ts'
import { pick } from './pick.ts'
import { baseOf, jsonRequest, preset, ReplyError, required } from './preset.ts'

type Place = { project: string; of: 'issues' | 'merge_requests'; number: string }

export const gitlabComment = preset<'gitlab_comment', Place>({
  to: 'gitlab_comment',
  writing: 'comment',
  limit: { characters: 500_000, messages: 1 },

  async locate(reply, { payload, render }) {
    const project = (await render('project', reply.project)) ?? pick(payload, 'project.id', 'project_id')
    const mergeRequest =
      (await render('merge_request', reply.merge_request)) ?? pick(payload, 'merge_request.iid')
    const issue = (await render('issue', reply.issue)) ?? pick(payload, 'issue.iid')
    const kind = pick(payload, 'object_kind') ?? ''
    const isMergeRequest = kind === 'merge_request'
    // Pipelines and others have numbers, too, which are none of an issue.
    const own = KINDS.includes(kind) ? pick(payload, 'object_attributes.iid') : undefined
    const chosen =
      reply.issue === undefined ? (mergeRequest ?? (isMergeRequest ? own : undefined)) : undefined
    const number = required(chosen ?? issue ?? own, 'issue or merge request', 'issue or merge_request')
    if (!/^\d{1,15}$/.test(number)) throw new ReplyError('the issue number is not a number')
    return {
      project: required(project, 'project', 'project'),
      of: chosen === undefined ? 'issues' : 'merge_requests',
      number,
    }
  },

  request: ({ reply, target, text, key, secret }) =>
    jsonRequest(notesUrl(reply, target), { body: withMarker(text, key) }, { 'private-token': secret }),

  judge: judgeGitLab,
  made: (answer, { payload }) =>
    gitlabMade(
      answer,
      pick(payload, 'issue.url', 'merge_request.url', 'object_attributes.url')?.split('#', 1)[0],
    ),

  find: {
    request: ({ reply, target, secret }) => ({
      method: 'GET',
      url: `${notesUrl(reply, target)}?per_page=100&order_by=created_at&sort=desc`,
      headers: { 'private-token': secret },
    }),
    match: (answer, { key }) => findMarked(answer, key),
  },
})

const KINDS = ['issue', 'work_item', 'merge_request']

function notesUrl(reply: { base_url: string }, { project, of, number }: Place): string {
  return `${baseOf(reply)}/api/v4/projects/${encodeURIComponent(project)}/${of}/${number}/notes`
}
