import type { z } from 'zod'
import type * as callback from '../../../src/contract/callback.ts'
import type * as comparison from '../../../src/contract/comparison.ts'
import type * as filterTry from '../../../src/contract/filterTry.ts'
import type * as firstRing from '../../../src/contract/firstRing.ts'
import type * as notice from '../../../src/contract/notice.ts'
import type * as invitation from '../../../src/contract/invitation.ts'
import type * as rejection from '../../../src/contract/rejection.ts'
import type * as secret from '../../../src/contract/secret.ts'
import type * as apiKey from '../../../src/contract/apiKey.ts'
import type * as rehearsal from '../../../src/contract/rehearsal.ts'
import type * as replay from '../../../src/contract/replay.ts'
import type * as schemaExample from '../../../src/contract/schemaExample.ts'
import type * as taskView from '../../../src/contract/taskView.ts'
import type * as taskCounts from '../../../src/contract/taskCounts.ts'
import type * as trigger from '../../../src/contract/trigger.ts'

export type { Agent, AgentConfig, Revision, RevisionRuns, Tool } from '../../../src/contract/agent.ts'
export type { AgentListItem } from '../../../src/contract/agentList.ts'
export type { AuditEntry } from '../../../src/contract/audit.ts'
export type { ApiKey } from '../../../src/contract/apiKey.ts'
export type { Approval } from '../../../src/contract/approval.ts'
export type { Callback, Delivery } from '../../../src/contract/callback.ts'
export type { ModelProvider } from '../../../src/contract/model.ts'
export type { ModelListing, ModelOffer, ModelOffers } from '../../../src/contract/modelOffer.ts'
export type { Provider, ProviderInput, ProviderTestResult } from '../../../src/contract/provider.ts'
export type { ModelPrice, PricedModel } from '../../../src/contract/price.ts'
export type { InstanceBudget } from '../../../src/contract/budget.ts'
export type { NoticeChannel, NoticeKind, NoticeSettings } from '../../../src/contract/notice.ts'
export type { RetentionItem } from '../../../src/contract/retention.ts'
export type { Preview } from '../../../src/contract/preview.ts'
export type { Problem } from '../../../src/contract/problem.ts'
export type { ListedSession, Session, SignIn, SignInOptions } from '../../../src/contract/session.ts'
export type { Ring } from '../../../src/contract/firstRing.ts'
export type { RejectionReason } from '../../../src/contract/rejectionReason.ts'
export type { Role } from '../../../src/contract/role.ts'
export type { AgentSchedule, Schedule } from '../../../src/contract/schedule.ts'
export type { SourceDescription } from '../../../src/contract/source.ts'
export type { RunResult, TaskState } from '../../../src/contract/task.ts'
export type { User } from '../../../src/contract/user.ts'
export type { UserLink, Invitation, LinkMail } from '../../../src/contract/invitation.ts'
export type { Webhook, WebhookPatch } from '../../../src/contract/webhook.ts'

export type NoticeTestResult = z.infer<typeof notice.NoticeTestResult>
export type CreatedInvitation = z.infer<typeof invitation.CreatedInvitation>
export type PasswordResetLink = z.infer<typeof invitation.PasswordResetLink>
export type CreatedApiKey = z.infer<typeof apiKey.CreatedApiKey>
export type Secret = z.infer<typeof secret.SecretWithUse>
export type Comparison = z.infer<typeof comparison.Comparison>
export type DeliveryDetail = z.infer<typeof callback.DeliveryDetail>
export type FilterTryAnswer = z.infer<typeof filterTry.FilterTryAnswer>
export type Rejection = z.infer<typeof rejection.RejectionDetail>
export type RejectionSummary = z.infer<typeof rejection.RejectionSummary>
export type FirstRing = z.infer<typeof firstRing.FirstRing>
export type InferredSchema = z.infer<typeof schemaExample.InferredSchema>
export type SchemaExample = z.infer<typeof schemaExample.SchemaExample>
export type RehearsalStarted = z.infer<typeof rehearsal.RehearsalStarted>
export type ReplayAnswer = z.infer<typeof replay.ReplayAnswer>
export type TaskSummary = z.infer<typeof taskView.TaskSummary>
export type TaskList = z.infer<typeof taskView.TaskList>
export type TaskCounts = z.infer<typeof taskCounts.TaskCounts>
export type TaskDetail = z.infer<typeof taskView.TaskDetail>
export type Step = z.infer<typeof taskView.StepView>
export type StepDetail = z.infer<typeof taskView.StepDetail>
export type Attempt = z.infer<typeof taskView.AttemptView>
export type TriggerAnswer = z.infer<typeof trigger.TriggerAnswer>
export type IgnoredAnswer = z.infer<typeof trigger.IgnoredAnswer>

/** A page of any list. */
export type Page<Item> = { data: Item[]; next_cursor: string | null }
