import { onlineManager } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { here } from '../lib/base.ts'

/**
 * Whether the page is up to date. `reconnecting`: the server or its database does not respond; `offline`: this computer
 * has no network. `since` is when the server last responded.
 */
export type Connection = { state: 'live'; since: null } | { state: 'reconnecting' | 'offline'; since: Date }

/** How long the server may be silent before it is pinged. */
const SILENT_MS = 2_000
const PROBE_WITHIN_MS = 4_000
/** Pauses between pings of an unreachable server, growing up to the longest. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 4_000

const LIVE: Connection = { state: 'live', since: null }

let connection: Connection = LIVE
let lastAnswer = new Date()
let probing: Promise<void> | undefined
let failures = 0
let timer: number | undefined
const listeners = new Set<() => void>()

/** The state of the connection; the component renders again when it changes. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, readConnection)
}

export function readConnection(): Connection {
  return connection
}

/** Resolves when the server responds; immediately if it is connected. */
export function whenLive(): Promise<void> {
  if (connection.state === 'live') return Promise.resolve()
  return new Promise((resolve) => {
    const unsubscribe = subscribe(() => {
      if (connection.state !== 'live') return
      unsubscribe()
      resolve()
    })
  })
}

/** Records that the server has responded, with any status. */
export function noteAnswer(): void {
  lastAnswer = new Date()
}

/** Checks whether the server is gone after a request got no response. Resolves when that is known. */
export function noteSilence(): Promise<void> {
  return probe()
}

/**
 * Starts to monitor the connection: while the page is visible, a silent server is pinged. Queries pause while the
 * connection is lost and resume by themselves when it is back.
 */
export function watchConnection(): void {
  // Replaces the library's own events, which only detect whether there is a network.
  onlineManager.setEventListener((setOnline) => subscribe(() => setOnline(connection.state === 'live')))
  window.addEventListener('offline', () => change(false))
  window.addEventListener('online', () => void probe())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void probe()
  })
  plan()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The next ping is due after a long silence or, once the connection is lost, after a growing pause. */
function plan(): void {
  window.clearTimeout(timer)
  const pause =
    connection.state === 'live' ? SILENT_MS : Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS)
  timer = window.setTimeout(() => {
    const isSilent = Date.now() - lastAnswer.getTime() >= SILENT_MS
    const isWanted = document.visibilityState === 'visible' && (connection.state !== 'live' || isSilent)
    if (isWanted) void probe()
    else plan()
  }, pause)
}

function probe(): Promise<void> {
  probing ??= isReady()
    .then(change)
    .finally(() => {
      probing = undefined
      plan()
    })
  return probing
}

async function isReady(): Promise<boolean> {
  try {
    const response = await fetch(here('readyz'), {
      cache: 'no-store',
      signal: AbortSignal.timeout(PROBE_WITHIN_MS),
    })
    return response.ok
  } catch {
    return false
  }
}

function change(isLive: boolean): void {
  failures = isLive ? 0 : failures + 1
  if (isLive) noteAnswer()
  const state = isLive ? 'live' : navigator.onLine ? 'reconnecting' : 'offline'
  if (state === connection.state) return
  connection = state === 'live' ? LIVE : { state, since: connection.since ?? lastAnswer }
  for (const listener of listeners) listener()
}
