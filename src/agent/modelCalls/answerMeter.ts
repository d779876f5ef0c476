import type { Limits } from '../../contract/agent.ts'
import { ERRORS } from '../../errors.ts'
import type { AnswerMeter } from '../../models/answerMeter.ts'
import type { ProcessMemory } from '../processMemory.ts'
import { RunFailure } from '../runFailure.ts'

/**
 * The factor by which the body of an answer may exceed what the model writes: JSON can write a two-byte character as a
 * six-byte escape, and servers that send reasoning twice are common.
 */
const WIRE_FACTOR = 8

/** Bytes of a body beyond the model's output: ids, usage, probabilities, encrypted reasoning. */
const WIRE_MARGIN = 1024 * 1024

export type CallMeter = AnswerMeter & {
  /** Releases the memory that the answer has reserved. */
  close(): void
}

/**
 * Counts what a model sends in one call, and ends the call when it exceeds what is left of the run's limit or the
 * memory of the process.
 *
 * @param outputBytes what the model wrote in earlier calls of the run
 * @param end ends the call with an error
 */
export function createCallMeter({
  limits: { max_output_bytes: maxBytes },
  outputBytes,
  memory,
  modelRef,
  end,
}: {
  limits: Limits
  outputBytes: number
  memory: Pick<ProcessMemory, 'openAnswer' | 'maxBytes'>
  modelRef: string
  end: (failure: RunFailure) => void
}): CallMeter {
  const hold = memory.openAnswer(() => stop(noMemory(modelRef, memory.maxBytes)))
  const maxReceived = WIRE_FACTOR * Math.max(0, maxBytes - outputBytes) + WIRE_MARGIN
  let written = outputBytes
  let received = 0
  let failure: RunFailure | undefined

  function stop(reason: RunFailure): void {
    failure ??= reason
    end(failure)
  }

  function take(bytes: number): void {
    hold.add(bytes)
    if (failure) throw failure
  }

  return {
    received(bytes) {
      received += bytes
      if (received > maxReceived) stop(tooMuch(`sent an answer of more than ${maxReceived} bytes`, maxBytes))
      take(bytes)
    },
    wrote(bytes) {
      written += bytes
      if (written > maxBytes) stop(tooMuch(`wrote more than ${maxBytes} bytes`, maxBytes))
      take(bytes)
    },
    close: () => hold.release(),
  }
}

function tooMuch(what: string, maxBytes: number): RunFailure {
  return new RunFailure(
    'output_too_large',
    `The model ${what}, so the call was stopped; the limit is ${maxBytes} (limits.max_output_bytes).`,
  )
}

function noMemory(modelRef: string, maxBytes: number): RunFailure {
  const { title, hint } = ERRORS.answer_memory_exceeded
  return new RunFailure('answer_memory_exceeded', `${modelRef}: ${title} (${maxBytes} bytes). ${hint}`, {
    retryable: true,
  })
}
