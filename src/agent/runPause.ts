import type { ApprovalRequest } from '../contract/decision.ts'

/** Why a run stopped without a result: it resumes from its journal when all of these are decided. */
export class RunPause extends Error {
  readonly requests: ApprovalRequest[]

  constructor(requests: ApprovalRequest[]) {
    super('the run is waiting for a person or a callback')
    this.name = 'RunPause'
    this.requests = requests
  }
}
