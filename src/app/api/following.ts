import type { Compat } from '../../http/compat/compat.ts'
import { createAdmitToTask } from '../../http/plumbing/admitToTask.ts'
import { createFollowerLimit } from '../../http/plumbing/followerLimit.ts'
import { createWaits } from '../../http/plumbing/waits.ts'
import { eventRoutes } from '../../http/routes/events.ts'
import { taskLinkRoutes } from '../../http/routes/taskLinks.ts'
import { taskStatusRoutes } from '../../http/routes/taskStatus.ts'
import { createTaskFeed } from '../../tasks/follow/taskFeed.ts'
import { createTaskStatuses } from '../../tasks/views/statuses.ts'
import { createActivityFeed } from '../../watch/activityFeed.ts'
import type { Access } from './access.ts'
import type { ApiBase } from './base.ts'

export type Following = Awaited<ReturnType<typeof openFollowing>>

/** How clients follow tasks: the status, waiting for the end, and streams of one task or of everything. */
export async function openFollowing(
  { stack, config, db, signals, stopping }: ApiBase,
  { access: { authenticate, links }, compat }: { access: Access; compat: Compat },
) {
  const perClient = config.maxFollowersPerClient
  const taskFeed = await createTaskFeed({ db, signals })
  stack.defer(() => taskFeed.stop())
  const activityFeed = await createActivityFeed({ db, signals })
  stack.defer(() => activityFeed.stop())
  const statuses = createTaskStatuses(db)
  const waits = createWaits({ statuses, taskFeed, perClient, stopping })
  const followerLimit = createFollowerLimit({ perClient })
  return {
    statuses,
    taskFeed,
    waits,
    followerLimit,
    open: [
      compat.wrap(taskStatusRoutes({ statuses, waits })),
      taskLinkRoutes({
        db,
        statuses,
        followerLimit,
        signals,
        taskFeed,
        admit: createAdmitToTask(authenticate, links),
      }),
    ],
    management: [eventRoutes({ feed: activityFeed, followerLimit, authenticate })],
  }
}
