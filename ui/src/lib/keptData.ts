import { leaveBrowser, takeBrowser } from './browserOwner.ts'
import { forgetDrafts } from './formDrafts.ts'
import { forgetViews } from './savedViews.ts'
import { forgetTrail } from './taskTrail.ts'

/** Removes what the console kept in this browser for another person. Called when it is known who is signed in. */
export function keepDataFor(who: string): void {
  if (!takeBrowser(who)) return
  forgetDrafts()
  forgetTrail()
  forgetViews()
}

/** Removes unsaved changes and the list of tasks. Saved views stay for the same person. */
export function forgetOnSignOut(): void {
  leaveBrowser()
  forgetDrafts()
  forgetTrail()
}
