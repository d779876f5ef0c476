import { Button, Input } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { Icon } from '../../../components/Icon.tsx'
import { ChoiceList } from './ChoiceList.tsx'
import { toChoices, withChosen, withSetting } from './choices.ts'
import { ImportCheck } from './ImportCheck.tsx'
import { JsonField } from './JsonField.tsx'
import { SourceProblem } from './SourceProblem.tsx'
import { faultOf } from './toolFaults.ts'
import { askOffer, type ToolOffer } from './toolCalls.ts'
import { withMember } from './toolList.ts'
import type { ToolFormProps } from './toolProps.ts'
import classes from './Tools.module.css'

/** The fields of a tool that say where its source is. */
const SOURCE = {
  operations: ['type', 'url', 'document'],
  tools: ['type', 'url', 'headers', 'command', 'args', 'env'],
}

/** Which operations of a document, or tools of a server, the agent gets; and whether they can be imported. */
export function SourceChoices(props: ToolFormProps & { member: 'operations' | 'tools' }) {
  const { tool, saved, faults, member, onChange } = props
  const noun = member === 'operations' ? 'operation' : 'tool'
  const source = Object.fromEntries(Object.entries(tool).filter(([name]) => SOURCE[member].includes(name)))
  const load = useMutation({ mutationFn: askOffer })
  const choices = toChoices(tool, { member, offer: load.data, saved })
  const error = faultOf(faults, member)
  const isReady = ['url', 'document', 'command'].some((name) => tool[name] !== undefined && tool[name] !== '')
  const hasAll = member === 'tools' && tool['tools'] === undefined

  return (
    <div className={classes.parameters} role="group" aria-label={`Choose ${noun}s`}>
      <div className={classes.parametersHead}>
        <Input.Label labelElement="div">{member === 'operations' ? 'Operations' : 'Tools'}</Input.Label>
        <div className={classes.actions}>
          {member === 'tools' && !hasAll && choices && (
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={() => onChange(withChosen(tool, member, undefined))}
            >
              Give all tools
            </Button>
          )}
          <Button
            variant="default"
            size="compact-sm"
            loading={load.isPending}
            disabled={!isReady}
            onClick={() => load.mutate(source)}
          >
            {load.data ? 'Load again' : `Load ${noun}s`}
          </Button>
        </div>
      </div>
      {load.isError && <SourceProblem error={load.error} />}
      {load.data && load.data.title !== '' && (
        <Input.Description>
          {load.data.title} {load.data.version}
        </Input.Description>
      )}
      {member === 'operations' && (
        <Schemes tool={tool} schemes={load.data?.schemes ?? []} onChange={onChange} />
      )}
      {hasAll && (
        <Input.Description>
          All tools of the server, including any added later. To exclude those, choose tools.
        </Input.Description>
      )}
      {!choices ? (
        <JsonChoices {...props} />
      ) : choices.length === 0 ? (
        <p className={classes.hint}>
          {load.data
            ? `It offers no ${noun}s.`
            : isReady
              ? `Load the ${noun}s to choose some.`
              : 'Enter the source first.'}
        </p>
      ) : (
        <ChoiceList
          noun={noun}
          choices={choices}
          onChoose={(names) => onChange(withChosen(tool, member, inOrder(names, choices)))}
          onSet={(field, setting) => onChange(withSetting(tool, field, setting))}
        />
      )}
      {error !== undefined && choices && <Input.Error>{error}</Input.Error>}
      <ImportCheck tool={tool} saved={saved} />
    </div>
  )
}

/** Credentials that the document asks for and the tool does not have: a button adds each. */
function Schemes({
  tool,
  schemes,
  onChange,
}: Pick<ToolFormProps, 'tool' | 'onChange'> & { schemes: ToolOffer['schemes'] }) {
  const given = tool['auth'] ?? {}
  if (!isObject(given)) return null
  const missing = schemes.filter(({ name }) => given[name] === undefined)
  if (missing.length === 0) return null
  return (
    <p className={classes.actions}>
      <span className={classes.hint}>The document defines these credentials:</span>
      {missing.map(({ name, type }) => (
        <Button
          key={name}
          variant="default"
          size="compact-xs"
          leftSection={<Icon name="key" size={12} />}
          onClick={() => onChange(withMember(tool, 'auth', { ...given, [name]: '' }))}
        >
          Add {name} ({type})
        </Button>
      ))}
    </p>
  )
}

/** In the order of the list, so that the same choice is always the same tool. */
function inOrder(names: readonly string[], choices: readonly { name: string }[]): string[] {
  return choices.map(({ name }) => name).filter((name) => names.includes(name))
}

/** What only JSON can show. */
function JsonChoices({ tool, faults, member, onChange }: ToolFormProps & { member: 'operations' | 'tools' }) {
  return [member, 'access', 'approval'].map((name) => (
    <JsonField
      key={name}
      label={name.slice(0, 1).toUpperCase() + name.slice(1)}
      value={tool[name]}
      error={faultOf(faults, name)}
      onChange={(value: unknown) => onChange(withMember(tool, name, value) satisfies JsonObject)}
    />
  ))
}
