import type { Links } from '../../auth/links.ts'

/** Creates the links in every trigger response. */
export type MakeTaskLinks = (taskId: string) => { status: string; events: string; cancel: string }

/** @param publicUrl the base of the links, without a trailing slash */
export function createTaskLinks(publicUrl: string, links: Links): MakeTaskLinks {
  return (taskId) => {
    const { events, cancel } = links.sign(taskId)
    return {
      status: `${publicUrl}/api/task_status?task_id=${taskId}`,
      events: `${publicUrl}/api/tasks/${taskId}/events?key=${events}`,
      cancel: `${publicUrl}/api/tasks/${taskId}/cancel?key=${cancel}`,
    }
  }
}
