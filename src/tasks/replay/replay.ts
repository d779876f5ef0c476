import type { AgentConfig } from '../../contract/agent.ts'
import type { RecordedCallRow } from './readRecord.ts'

/** What the run of a replay takes from earlier tasks. */
export type Replay = {
  /** An unsaved draft of the agent; undefined when it runs on its revision. */
  config: AgentConfig | undefined
  /** The task whose run it continues, and all that have continued it: their decisions count. */
  continues: { id: string; createdAt: Date; taskIds: string[] } | undefined
  /** The tool calls of the earlier runs, when writes are answered from them: the run that is replayed first. */
  record: RecordedCallRow[][] | undefined
  /** It is a rehearsal: nothing is written, and nobody is asked. */
  simulates: boolean
}
