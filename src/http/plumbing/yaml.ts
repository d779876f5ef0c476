import {
  CORE_SCHEMA,
  dump,
  floatCoreTag,
  intCoreTag,
  load,
  mergeTag,
  NOT_RESOLVED,
  type ScalarTagDefinition,
} from 'js-yaml'
import { ExactNumber, parseExact } from '../../contract/exactJson.ts'
import { BellwireError } from '../../errors.ts'

/** Levels of a document at most. */
const MAX_DEPTH = 100

/** YAML 1.2 and `<<`, which is in common use. Long numbers keep their digits. */
const YAML = CORE_SCHEMA.withTags(mergeTag, exactly(intCoreTag, /^-?\d+$/), exactly(floatCoreTag, /[.eE]/))

/**
 * Parses a YAML text. Aliases are refused: a short text of them stands for a huge document.
 *
 * @throws BellwireError `body_invalid`, with the line and the column
 */
export function parseYaml(text: string): unknown {
  try {
    return load(text, { schema: YAML, maxAliases: 0, maxDepth: MAX_DEPTH })
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : ''
    throw new BellwireError('body_invalid', `The body is not valid YAML: ${reason.slice(0, 300)}.`, { cause })
  }
}

/** Writes a JSON value as YAML. */
export function writeYaml(value: unknown): string {
  return dump(value, { schema: YAML, noRefs: true, skipInvalid: true, lineWidth: 100 })
}

/**
 * The same tag, with {@link ExactNumber} for numbers that would lose digits.
 *
 * @param form how its numbers are written
 */
function exactly(tag: ScalarTagDefinition<number>, form: RegExp): ScalarTagDefinition<number | ExactNumber> {
  return {
    ...tag,
    resolve(source, isExplicit, tagName) {
      const value = tag.resolve(source, isExplicit, tagName)
      return value === NOT_RESOLVED || !JSON_NUMBER.test(source) ? value : (parseExact(source) as number)
    },
    identify: (value) => (value instanceof ExactNumber ? form.test(value.toString()) : tag.identify(value)),
    represent: (value) => (value instanceof ExactNumber ? value.toString() : tag.represent(value)),
  }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
