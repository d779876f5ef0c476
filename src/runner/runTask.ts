import { LeaseLostError, type Journal } from '../agent/journal.ts'
import type { ProcessMemory } from '../agent/processMemory.ts'
import { createRecordedWrites } from '../agent/toolCalls/recordedWrites.ts'
import type { RunInput, RunOutcome } from '../agent/runInput.ts'
import type { RunHold } from '../agent/runMemory.ts'
import type { AgentConfig } from '../contract/agent.ts'
import type { Decision } from '../contract/decision.ts'
import { parseStored } from '../contract/longJson/parseLong.ts'
import type { ModelPrice } from '../contract/price.ts'
import { roughSize } from '../contract/roughSize.ts'
import type { Step } from '../contract/step.ts'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { readDecisions } from '../tasks/approvals/approvals.ts'
import { readAttachments } from '../tasks/attachments.ts'
import { readPayload, type ClaimedTask } from '../tasks/claim.ts'
import { keepSummary } from '../tasks/conversations/keepTurn.ts'
import { readEarlier, readJoined } from '../tasks/conversations/readEarlier.ts'
import type { Replay } from '../tasks/replay/replay.ts'
import { readSteps, type StepWriter } from '../tasks/steps.ts'
import { countStep, holdMemory } from './holdMemory.ts'
import type { Listeners } from './listeners.ts'
import { createLiveText, type LiveText } from './liveText.ts'
import { openCallbackUrls, type CallbackAddress } from './openCallbackUrls.ts'
import { remainingMs } from './outcome.ts'
import { persist } from './persist.ts'

/** The price of a model's tokens; undefined when unknown. */
export type PriceOf = (model: string, options: { afresh: boolean }) => Promise<ModelPrice | undefined>

export type RunTaskParts = {
  db: Database
  signals: Signals
  listeners: Listeners
  stepWriter: StepWriter
  run: (input: RunInput) => Promise<RunOutcome>
  /** Shared by all runs of the process; without it, the memory of runs is not limited. */
  memory?: ProcessMemory | undefined
  priceOf: PriceOf
  /** Without it, runs have no callback URLs. */
  callbackAddress?: CallbackAddress | undefined
  /** Aborted when the worker's session is lost. */
  lost: AbortSignal
}

/** Reads what a run needs, runs the agent on it, and writes its steps. Rejects as the agent does. */
export async function runTask(
  parts: RunTaskParts,
  { task, config, replay }: { task: ClaimedTask; config: AgentConfig; replay: Replay | undefined },
  signal: AbortSignal,
): Promise<RunOutcome> {
  const liveText = createLiveText(parts, task)
  let hold: RunHold | undefined
  try {
    hold = await holdMemory(parts, { task, steps: hasJournal(task) }, signal)
    hold?.keep(roughSize(replay?.record))
    const payload = task.payload ?? (await persist(parts.lost, () => readPayload(parts.db, task.taskId)))
    const payloadText = payload.toString('utf8')
    const { journal, rows } = await openJournal(parts, task, { liveText, hold })
    return await parts.run({
      task: {
        id: task.taskId,
        createdAt: task.createdAt,
        origin: task.origin,
        senderTrusted: task.senderTrusted,
        continues: replay?.continues,
      },
      agent: { id: task.agentId, revision: task.revision, config },
      payload: await parseStored(payload),
      payloadText,
      request: task.request,
      attachments: await persist(parts.lost, () =>
        readAttachments(parts.db, task.taskId, task.request.attachments),
      ),
      conversation: openConversation(parts, task),
      journal,
      record: replay?.record && createRecordedWrites(replay.record, rows, replay),
      price: await persist(parts.lost, () => priceFor(config, parts.priceOf)),
      decisions: await openDecisions(parts, { task, replay }),
      callbackUrls:
        parts.callbackAddress &&
        openCallbackUrls(
          { db: parts.db, address: parts.callbackAddress, persist: (work) => persist(parts.lost, work) },
          task,
        ),
      memory: hold,
      onModelCall: liveText.begin,
      onPiece: liveText.write,
      isWatched: () => task.streamed || parts.listeners.isWatched(task.taskId),
      trace: { attempt: task.attempt, parent: task.traceParent },
      signal,
      deadline: Date.now() + remainingMs(task, config, task.elapsedMs),
    })
  } finally {
    hold?.release()
    liveText.close()
  }
}

/** A cost limit uses the current price; for the accounts alone, a price some seconds old is sufficient. */
function priceFor({ model, limits }: AgentConfig, priceOf: PriceOf): Promise<ModelPrice | undefined> {
  return priceOf(model, { afresh: limits.max_cost_usd !== undefined })
}

/** Whether it takes something from an earlier task. */
export function isReplay({ origin }: ClaimedTask): boolean {
  return origin === 'replay' || origin === 'rehearsal'
}

/** Whether there may be steps of earlier attempts or runs. */
function hasJournal(task: ClaimedTask): boolean {
  return task.attempt > 1 || isReplay(task)
}

/**
 * The journal of one task in the database: rows of earlier attempts, and those that a replay begins with, are read once,
 * at the start.
 */
async function openJournal(
  parts: RunTaskParts,
  task: ClaimedTask,
  { liveText, hold }: { liveText: LiveText; hold: RunHold | undefined },
): Promise<{ journal: Journal; rows: Step[] }> {
  const rows = new Map<string, Step>()
  if (hasJournal(task)) {
    for (const step of await persist(parts.lost, () => readSteps(parts.db, task.taskId)))
      rows.set(step.key, step)
  }
  const write = async (step: Step): Promise<void> => {
    const isWatched = parts.listeners.isWatched(task.taskId)
    const held = await persist(parts.lost, () => parts.stepWriter.write(task, step, isWatched))
    if (!held) throw new LeaseLostError(task.taskId)
    countStep(hold, step, rows.get(step.key))
    rows.set(step.key, step)
  }
  const finish = async (step: Step): Promise<void> => {
    await write(step)
    if (step.kind === 'model') liveText.end()
  }
  return { journal: { find: (key) => rows.get(key), begin: write, finish }, rows: [...rows.values()] }
}

/** What was said before in the conversation of a task, and what is added to it meanwhile. */
function openConversation(
  { db, lost }: RunTaskParts,
  { taskId, conversationId, turn }: ClaimedTask,
): RunInput['conversation'] {
  if (conversationId === undefined) return undefined
  return {
    readEarlier: (maxChars) =>
      persist(lost, () => readEarlier(db, { taskId, conversationId, turn }, maxChars)),
    keepSummary: (summary) => persist(lost, () => keepSummary(db, conversationId, summary)),
    readJoined: (after) => persist(lost, () => readJoined(db, taskId, after)),
  }
}

/** Decisions about calls of the task. None are added while it runs: it waits for them in the database. */
async function openDecisions(
  parts: RunTaskParts,
  { task, replay }: { task: ClaimedTask; replay: Replay | undefined },
): Promise<(key: string) => Decision | undefined> {
  const earlier = replay?.continues?.taskIds
  if (task.attempt === 1 && !earlier) return () => undefined
  const decisions = await persist(parts.lost, () => readDecisions(parts.db, task.taskId, earlier))
  return (key) => decisions.get(key)
}
