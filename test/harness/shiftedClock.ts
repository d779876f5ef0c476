// Preloaded into the program: shifts the clock of a process by the milliseconds in this module's own URL
// (`--import=…/shiftedClock.ts?ms=600000`). Timers and monotonic clocks are not changed.
const shift = Number(new URL(import.meta.url).searchParams.get('ms'))
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shift)
    // Arguments are passed on unchanged, whichever signature is used.
    else super(...(parts as [number]))
  }

  static override now(): number {
    return RealDate.now() + shift
  }
}

globalThis.Date = ShiftedDate as DateConstructor
