import { leaveBrowser, takeBrowser } from './browserOwner.ts'
import { forgetDrafts } from './formDrafts.ts'
import { forgetViews } from './savedViews.ts'
import { forgetTrail } from './taskTrail.ts'

/** Forgets what the console kept in this browser for somebody else. Called when it is known who is signed in. */
export function keepDataFor(who: string): void {
  if (!takeBrowser(who)) return
  forgetDrafts()
  forgetTrail()
  forgetViews()
}

/** Forgets what was typed and not saved, and which tasks were listed. Saved views stay for the same person. */
export function forgetOnSignOut(): void {
  leaveBrowser()
  forgetDrafts()
  forgetTrail()
}
