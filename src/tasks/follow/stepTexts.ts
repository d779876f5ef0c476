/** What a model wrote in one step; `continues`: it went on with the answer of the step before. */
export type StepTexts = {
  step: number
  attempt: number
  continues: boolean
  answer: string
  thought: string
}

/** The texts in the output of a model call as the journal keeps it: as they are streamed, one part after another. */
export function textsOf(output: unknown): Pick<StepTexts, 'answer' | 'thought'> {
  const content = member(output, 'content')
  const parts: unknown[] = Array.isArray(content) ? content : []
  const textOf = (type: 'text' | 'reasoning'): string =>
    parts
      .filter((part) => member(part, 'type') === type)
      .map((part) => member(part, 'text'))
      .filter((text) => typeof text === 'string')
      .join('')
  return { answer: textOf('text'), thought: textOf('reasoning') }
}

/** A member of an unknown value. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
