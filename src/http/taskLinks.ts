import type { Links } from '../auth/links.ts'

/** Makes the links that every trigger's answer carries. */
export type MakeTaskLinks = (taskId: string) => { status: string; events: string; cancel: string }

/** @param publicUrl the base of the links, without a slash at its end */
export function createTaskLinks(publicUrl: string, links: Links): MakeTaskLinks {
  return (taskId) => ({
    status: `${publicUrl}/api/task_status?task_id=${taskId}`,
    events: `${publicUrl}/api/tasks/${taskId}/events?key=${links.sign('events', taskId)}`,
    cancel: `${publicUrl}/api/tasks/${taskId}/cancel?key=${links.sign('cancel', taskId)}`,
  })
}
