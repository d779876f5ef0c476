// Loaded before the program: makes the clock of a process wrong, by the milliseconds in this module's own address
// (`--import=…/shiftedClock.ts?ms=600000`). Timers and monotonic clocks go on as they are.
const shift = Number(new URL(import.meta.url).searchParams.get('ms'))
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shift)
    // What was given is passed on as it is, whichever of the forms it is.
    else super(...(parts as [number]))
  }

  static override now(): number {
    return RealDate.now() + shift
  }
}

globalThis.Date = ShiftedDate as DateConstructor
