import { isObject } from './jsonObject.ts'

/** A field of the form in which a person answers a question. */
export type AnswerField = {
  name: string
  label: string
  kind: 'choice' | 'choices' | 'text' | 'number' | 'boolean' | 'json'
  /** The values to choose from, with what each is called. */
  choices: { value: string; label: string }[]
  required: boolean
  description: string | undefined
  /** The suggested value. */
  suggested: unknown
}

/** The fields of an answer, by the JSON Schema that it must match. Anything but simple values is written as JSON. */
export function answerFields(schema: Record<string, unknown>): AnswerField[] {
  const { properties, required } = schema
  const needed = new Set(Array.isArray(required) ? required : [])
  return Object.entries(isObject(properties) ? properties : {}).map(([name, property]) => {
    const one = isObject(property) ? property : {}
    const { title, description, default: suggested } = one
    return {
      name,
      label: typeof title === 'string' ? title : name,
      description: typeof description === 'string' ? description : undefined,
      required: needed.has(name),
      suggested,
      ...kindOf(one),
    }
  })
}

/** The only field of an answer, if it is a choice: then one click answers. */
export function onlyChoice(schema: Record<string, unknown>): AnswerField | undefined {
  const [field, ...more] = answerFields(schema)
  return more.length === 0 && field?.kind === 'choice' ? field : undefined
}

function kindOf(property: Record<string, unknown>): Pick<AnswerField, 'kind' | 'choices'> {
  const choices = choicesOf(property)
  if (choices) return { kind: 'choice', choices }
  const { type, items } = property
  if (type === 'array' && isObject(items)) {
    const several = choicesOf(items)
    if (several) return { kind: 'choices', choices: several }
  }
  switch (type) {
    case 'string':
      return { kind: 'text', choices: [] }
    case 'number':
    case 'integer':
      return { kind: 'number', choices: [] }
    case 'boolean':
      return { kind: 'boolean', choices: [] }
    default:
      return { kind: 'json', choices: [] }
  }
}

/** Values of an enumeration, with the names that elicitation has for them. */
function choicesOf({ enum: values, enumNames: names, oneOf, anyOf }: Record<string, unknown>) {
  if (isTexts(values)) {
    const labels = isTexts(names) && names.length === values.length ? names : values
    return values.map((value, at) => ({ value, label: labels[at] ?? value }))
  }
  const named = oneOf ?? anyOf
  if (!Array.isArray(named) || named.length === 0) return undefined
  const choices = named.flatMap((one: unknown) => {
    const { const: value, title } = Object(one)
    return typeof value === 'string' ? [{ value, label: typeof title === 'string' ? title : value }] : []
  })
  return choices.length === named.length ? choices : undefined
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
}
