import { approvals } from './approvals.ts'
import { budgets } from './budgets.ts'
import { callbacks } from './callbacks.ts'
import type { Cause } from './cause.ts'
import { failures } from './failures.ts'
import { loops } from './loops.ts'
import { queueAge } from './queueAge.ts'
import { silence } from './silence.ts'

/** What people wait for. */
export const QUICK_CAUSES: readonly Cause[] = [approvals]

/** What is looked for less often, because it takes more reading. */
export const SLOW_CAUSES: readonly Cause[] = [failures, budgets, callbacks, silence, loops, queueAge]
