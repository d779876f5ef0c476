import { createRecall } from '../../agent/recall/recall.ts'
import type { Config } from '../../config/config.ts'
import { SETTINGS } from '../../config/settings.ts'
import { approvalRoutes } from '../../http/routes/approvals.ts'
import { callbackUrlRoutes } from '../../http/routes/callbackUrls.ts'
import { decideApprovalRoutes } from '../../http/routes/decideApprovals.ts'
import { deleteTaskRoutes } from '../../http/routes/deleteTasks.ts'
import { overviewRoutes } from '../../http/routes/overview.ts'
import { rehearsalRoutes } from '../../http/routes/rehearsals.ts'
import { replayRoutes } from '../../http/routes/replay.ts'
import { retentionRoutes } from '../../http/routes/retention.ts'
import { taskReportRoutes } from '../../http/routes/taskReports.ts'
import { taskRoutes } from '../../http/routes/tasks.ts'
import { taskStepRoutes } from '../../http/routes/taskSteps.ts'
import { usageRoutes } from '../../http/routes/usage.ts'
import { createCallbackTokens } from '../../tasks/callbackUrls/callbackTokens.ts'
import { createRehearse } from '../../tasks/rehearsals/rehearse.ts'
import { createReplays } from '../../tasks/replay/replays.ts'
import { createReadOverview } from '../../tasks/views/overview/overview.ts'
import { readAgentOf } from '../../tasks/views/queries.ts'
import { readRetention, type RetentionTimes } from '../../tasks/views/retention.ts'
import { findMismatches } from '../../tools/schemas/jsonSchema.ts'
import type { Accepting } from './accepting.ts'
import type { Access } from './access.ts'
import type { AgentParts } from './agents.ts'
import type { ApiBase } from './base.ts'
import { createFindWarnings } from './findWarnings.ts'
import type { Models } from './models.ts'
import { createReadWholeStep } from './wholeStep.ts'

type Parts = { access: Access; models: Models; agents: AgentParts; accepting: Accepting }

/** Tasks as people see them, and what people can do with them: decide, replay, rehearse, delete. */
export function openTasks(
  { config, db, signals, secretKey, log, stopping }: ApiBase,
  {
    access: { authenticate, refuseFailure, taskLinks, approvalLinks },
    models: { providers },
    agents: { agents, checks },
    accepting: { ranks },
  }: Parts,
) {
  const recall = createRecall({ log })
  // Requests that are under way would wait for it.
  stopping.addEventListener('abort', () => recall.stop())
  const rerun = { db, signals, ranks, checkModel: checks.modelSoon }
  return {
    open: [
      decideApprovalRoutes({ db, signals, authenticate, links: approvalLinks, findMismatches }),
      callbackUrlRoutes({ db, signals, tokens: createCallbackTokens(secretKey), refuseFailure }),
    ],
    management: [
      taskRoutes({
        db,
        links: taskLinks,
        findWarnings: createFindWarnings(db),
        approvalLinks: approvalLinks.make,
      }),
      taskReportRoutes({ db }),
      deleteTaskRoutes({ db }),
      taskStepRoutes({
        readWholeStep: createReadWholeStep({ db, recall, readProviders: () => providers.read() }),
      }),
      replayRoutes({
        replays: createReplays(rerun),
        readAgentOf: (taskId) => readAgentOf(db, taskId),
        readDraft: agents.draft,
      }),
      rehearsalRoutes({ db, rehearse: createRehearse(rerun), readDraft: agents.draft }),
      approvalRoutes({ db, links: approvalLinks.make }),
      usageRoutes({ db }),
      retentionRoutes({ readRetention: () => readRetention(db, retentionTimes(config)) }),
      overviewRoutes({ readOverview: createReadOverview(db) }),
    ],
  }
}

/** How long each kind of data is kept, and the variable that sets it. */
function retentionTimes({ keepTasksDays, keepStepsDays, rejectionDays }: Config): RetentionTimes {
  const of = (days: number, setting: { name: string; default: string }) => ({
    days,
    setting: setting.name,
    default: setting.default,
  })
  return {
    tasks: of(keepTasksDays, SETTINGS.keepTasksDays),
    steps: of(keepStepsDays, SETTINGS.keepStepsDays),
    rejections: of(rejectionDays, SETTINGS.rejectionDays),
  }
}
