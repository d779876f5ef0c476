import { jsonOf, judgeStatus, textOf, type Judge } from './verdict.ts'

export const judgeGitLab: Judge = (answer) => {
  const json = jsonOf(answer)
  const said = json['message'] ?? json['error']
  return judgeStatus(
    answer,
    typeof said === 'string' ? said : said === undefined ? undefined : JSON.stringify(said),
  )
}

/** The id of a note that was made, and the URL by which events name it. */
export function gitlabMade(answer: { text: string }, pageUrl: string | undefined): string[] {
  const id = textOf(jsonOf(answer), 'id')
  if (id === undefined) return []
  return pageUrl === undefined ? [id] : [id, `${pageUrl}#note_${id}`]
}
