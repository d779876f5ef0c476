import { BellwireError } from '../../errors.ts'
import type { TextUpdate } from './channels.ts'
import {
  compareCalls,
  eventMessages,
  openCallMessages,
  takePiece,
  type Message,
  type OpenCall,
} from './messages.ts'
import type { EventPage, ReadEvents } from './taskEvents.ts'
import type { TextBudget } from './textBudget.ts'

/** Receives everything that happens to a task. */
export type Follower = {
  onMessages(messages: readonly Message[]): void
  /** The task has ended, or is gone: nothing more follows. */
  onEnd(): void
  /** Resolves when the follower can take more of the earlier events. */
  ready(): Promise<void>
}

/** One task that is followed in this process: each event is read once, however many followers there are. */
export type FollowedTask = {
  /** Resolves when the follower has received the events after `after`, and receives all later ones. */
  join(follower: Follower, after: number): Promise<void>
  leave(follower: Follower): void
  /** A piece of text, or the start of a model call. */
  take(update: TextUpdate): void
  /** There is a new event in the database. */
  changed(): void
  /** Retries what failed before. */
  retry(): void
  /** The newest event that has been read. */
  newest(): number
}

type Joining = { follower: Follower; after: number; resolve: () => void; reject: (error: unknown) => void }

/** How often missing pieces are requested. */
const ASK_EVERY_MS = 500

export function createFollowedTask({
  taskId,
  read,
  texts,
  askToShow,
  onEmpty,
}: {
  taskId: string
  read: ReadEvents
  /** Limits the text of calls in progress that followed tasks keep. */
  texts: TextBudget
  /** Asks the worker to publish what the model call in progress has written. */
  askToShow: () => void
  /** The last follower has gone. */
  onEmpty: () => void
}): FollowedTask {
  const followers = new Set<Follower>()
  const gone = new WeakSet<Follower>()
  let joining: Joining[] = []
  let waiting = 0
  let newest = 0
  let finishedStep = -1
  let open: OpenCall | undefined
  /** Whether the text of the open call was dropped: followers then get it when it is in the journal. */
  let isDropped = false
  let inbox: TextUpdate[] = []
  /** This many updates of the inbox arrived before the last read started: all events before them have been read. */
  let ready = 0
  /** How many updates of the inbox came before the read in progress. */
  let reading = 0
  let stale = false
  let pumping = false
  let asked = Number.NEGATIVE_INFINITY
  let waitingCharacters = 0
  const kept = texts.open(dropText)

  /**
   * Merges events and text into one order. A worker commits an event before it publishes the text that follows, so the
   * text of a call waits for a read that started after the call's first message arrived.
   */
  async function pump(): Promise<void> {
    if (pumping) return
    pumping = true
    try {
      for (;;) {
        hand(takeTexts())
        if (!stale && joining.length === 0 && inbox.length === 0) return
        if (!(await readOn())) return
      }
    } finally {
      pumping = false
      leaveIfEmpty()
    }
  }

  /** Takes updates until one that starts a call needs a read first. */
  function takeTexts(): Message[] {
    const messages: Message[] = []
    for (let update = inbox[0]; update; update = inbox[0]) {
      const order = compareCalls(update, open)
      const counts = update.step > finishedStep && order >= 0
      if (counts && order > 0) {
        if (ready === 0) {
          countText()
          return messages
        }
        const { attempt, call, step } = update
        const streamed = update.type !== 'model_call' || update.streamed
        const continues = update.type === 'model_call' && update.continues
        open = { attempt, call, step, streamed, continues, answer: '', thought: '' }
        isDropped = false
        messages.push({ type: 'model_call', data: { step, attempt, streamed, continues } })
      }
      if (counts && open && !isDropped) {
        const taken = takePiece(open, update)
        open = taken.open
        messages.push(...taken.messages)
        if (taken.gap) ask()
      }
      inbox.shift()
      waitingCharacters -= lengthOf(update)
      ready = Math.max(0, ready - 1)
      reading = Math.max(0, reading - 1)
    }
    countText()
    return messages
  }

  /** Reads new events, for all followers. False when that failed: the next poll of the database tries again. */
  async function readOn(): Promise<boolean> {
    const now = joining
    reading = inbox.length
    joining = []
    stale = false
    const after = Math.min(...(followers.size > 0 ? [newest] : []), ...now.map((entry) => entry.after))
    if (after === Number.POSITIVE_INFINITY) return false
    try {
      const page = await read(taskId, after)
      ready = reading
      apply(page, now)
      return true
    } catch (error) {
      stale = true
      for (const entry of now) entry.reject(error)
      return false
    }
  }

  function apply(page: EventPage | undefined, now: Joining[]): void {
    if (!page) {
      for (const entry of now) entry.reject(new BellwireError('task_not_found'))
      endAll()
      return
    }
    const { events, more } = page
    const last = (more ? events.at(-1)?.id : undefined) ?? page.newest
    const before = newest
    const fresh = events.filter(({ id }) => id > newest)
    hand(eventMessages(fresh, isDropped ? undefined : open))
    newest = Math.max(newest, last, ...(followers.size === 0 ? now.map((entry) => entry.after) : []))
    finishedStep = Math.max(finishedStep, page.finishedStep)
    if (open && open.step <= finishedStep) open = undefined
    countText()
    if (events.some(({ id, data }) => id > before && data['reason'] === 'claimed')) ask()

    for (const entry of now) admit(entry, page, last)
    if (more) stale = true
    else if (page.ended && newest >= page.newest) endAll()
  }

  /** Sends a new follower the events read so far, and the call in progress once nothing else is missing. */
  function admit(entry: Joining, { events, more }: EventPage, last: number): void {
    const { follower, resolve } = entry
    if (gone.has(follower)) return resolve()
    const messages = eventMessages(
      events.filter(({ id }) => id > entry.after),
      undefined,
    )
    const after = Math.max(entry.after, last)
    if (after === newest || !more) {
      if (open && !isDropped) messages.push(...openCallMessages(open))
      if (messages.length > 0) follower.onMessages(messages)
      followers.add(follower)
      return resolve()
    }
    if (messages.length > 0) follower.onMessages(messages)
    waiting += 1
    void follower.ready().then(() => {
      waiting -= 1
      joining.push({ ...entry, after })
      void pump()
    })
  }

  function hand(messages: readonly Message[]): void {
    if (messages.length > 0) for (const follower of followers) follower.onMessages(messages)
  }

  function endAll(): void {
    const all = [...followers]
    followers.clear()
    inbox = []
    waitingCharacters = 0
    countText()
    stale = false
    for (const follower of all) follower.onEnd()
  }

  function countText(): void {
    kept.set((open ? open.answer.length + open.thought.length : 0) + waitingCharacters)
  }

  /**
   * Drops the text of the call in progress: its followers get no more of it until it is in the journal, and then get
   * all of it. Text that waits for a read is requested again after that.
   */
  function dropText(): void {
    if (open) {
      open = { ...open, answer: '', thought: '' }
      isDropped = true
    }
    ready = inbox.slice(0, ready).filter(isStart).length
    reading = inbox.slice(0, reading).filter(isStart).length
    inbox = inbox.filter(isStart)
    waitingCharacters = 0
  }

  function ask(): void {
    if (performance.now() - asked < ASK_EVERY_MS) return
    asked = performance.now()
    askToShow()
  }

  function leaveIfEmpty(): void {
    if (followers.size > 0 || joining.length > 0 || waiting > 0 || pumping) return
    kept.set(0)
    onEmpty()
  }

  return {
    join: (follower, after) =>
      new Promise((resolve, reject) => {
        joining.push({ follower, after, resolve, reject })
        if (followers.size === 0) ask()
        void pump()
      }),
    leave(follower) {
      gone.add(follower)
      followers.delete(follower)
      leaveIfEmpty()
    },
    take(update) {
      inbox.push(update)
      waitingCharacters += lengthOf(update)
      countText()
      void pump()
    },
    changed() {
      stale = true
      void pump()
    },
    retry: () => void pump(),
    newest: () => newest,
  }
}

function lengthOf(update: TextUpdate): number {
  return update.type === 'model_call' ? 0 : update.text.length
}

function isStart({ type }: TextUpdate): boolean {
  return type === 'model_call'
}
