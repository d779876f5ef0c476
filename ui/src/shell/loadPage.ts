import { noteSilence, whenLive } from '../api/connection.ts'

const RELOADED = 'bellwire-reloaded'
/** A page that still cannot be loaded so soon after a reload is broken, not outdated. */
const RELOAD_AGAIN_MS = 30_000

/**
 * Loads the code of a page. While the server is away it waits for it; code that a newer version of the server no longer
 * has is replaced by loading the console anew.
 */
export function loadPage<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return () =>
    load().catch(async () => {
      await noteSilence()
      await whenLive()
      return load().catch((error: unknown) => {
        const before = Number(sessionStorage.getItem(RELOADED) ?? 0)
        if (Date.now() - before < RELOAD_AGAIN_MS) throw error
        sessionStorage.setItem(RELOADED, String(Date.now()))
        window.location.reload()
        return new Promise<Module>(() => {})
      })
    })
}
