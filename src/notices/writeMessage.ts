import type { ApprovalLinks } from '../contract/approval.ts'
import type { NoticeMessage, StoredNotice } from './messages.ts'

/** The pages on which a person decides an approval. */
export type MakeApprovalLinks = (approvalId: string) => ApprovalLinks

/** Notices that a text lists; the others are counted. */
const LISTED = 20

/** A message as it is sent: one line, and all of it. */
export type WrittenMessage = {
  id: string
  kind: string
  createdAt: Date
  title: string
  text: string
  /** For webhooks. */
  notices: object[]
}

/**
 * Writes a message for people. Links that let their holder decide are made when it is sent, and not stored.
 *
 * @param publicUrl the base of links to the console, without a trailing slash
 */
export function writeMessage(
  message: NoticeMessage,
  { publicUrl, makeApprovalLinks }: { publicUrl: string; makeApprovalLinks: MakeApprovalLinks },
): WrittenMessage {
  const { id, kind, createdAt, title, notices } = message
  const linked = notices.map((notice) => ({ notice, links: linksOf(notice, publicUrl, makeApprovalLinks) }))
  const lines = linked
    .slice(0, LISTED)
    .map(({ notice, links }) => [
      notice.title,
      ...Object.entries(links).map(([name, url]) => `${LABELS[name]}: ${url}`),
    ])
  const [only = []] = lines
  const list = lines.map(([first = '', ...rest]) =>
    [`- ${first}`, ...rest.map((line) => `  ${line}`)].join('\n'),
  )
  const more = notices.length > LISTED ? [`and ${notices.length - LISTED} more`] : []
  return {
    id,
    kind,
    createdAt,
    title,
    text: lines.length === 1 ? only.join('\n') : [title, ...list, ...more].join('\n'),
    notices: linked.map(({ notice, links }) => ({ ...showNotice(notice), links })),
  }
}

/** A notice in the form of the API. */
export function showNotice(notice: StoredNotice) {
  return {
    id: notice.id,
    kind: notice.kind,
    title: notice.title,
    agent_id: notice.agentId,
    webhook_id: notice.webhookId,
    task_id: notice.taskId,
    approval_id: notice.approvalId,
    created_at: notice.createdAt.toISOString(),
  }
}

const LABELS: Record<string, string> = { approve: 'Approve or answer', deny: 'Deny', task: 'Task' }

function linksOf(
  { approvalId, taskId }: StoredNotice,
  publicUrl: string,
  makeApprovalLinks: MakeApprovalLinks,
): Record<string, string> {
  return {
    ...(approvalId === null ? {} : makeApprovalLinks(approvalId)),
    ...(taskId === null ? {} : { task: `${publicUrl}/tasks/${taskId}` }),
  }
}
