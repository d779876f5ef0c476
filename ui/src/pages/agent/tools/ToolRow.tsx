import { ActionIcon, Button, Menu } from '@mantine/core'
import { useId, useState, type ReactNode } from 'react'
import type { Tool } from '../../../../../src/contract/agent.ts'
import { isObject } from '../../../../../src/contract/jsonObject.ts'
import { writtenCredentials } from '../../../../../src/contract/writtenCredentials.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { Json } from '../../../components/Code.tsx'
import { Icon } from '../../../components/Icon.tsx'
import { here } from '../../../lib/base.ts'
import { useMay } from '../../../lib/useMay.ts'
import { ToolEditor } from './ToolEditor.tsx'
import { hasDraft, type Entry } from './toolList.ts'
import { summarise } from './toolSummary.ts'
import { TryTool } from './TryTool.tsx'
import classes from './Tools.module.css'

export type RowActions = {
  onToggle: () => void
  onChange: (tool: unknown) => void
  onDuplicate: () => void
  /** Undefined at the end of the list. */
  onMoveUp: (() => void) | undefined
  onMoveDown: (() => void) | undefined
  onRemove: () => void
}

/** One tool: what it is at a glance, and its form when it is open. */
export function ToolRow({
  entry: { tool },
  saved,
  isOpen,
  faults,
  missing,
  isFirstFault,
  actions,
}: {
  entry: Entry
  saved: Tool | undefined
  isOpen: boolean
  faults: Record<string, string>
  /** Secrets that it uses and that are not set. */
  missing: readonly string[]
  /** The focus goes here when saving failed. */
  isFirstFault: boolean
  actions: RowActions
}) {
  const id = useId()
  const [trying, setTrying] = useState(false)
  const mayEdit = useMay('editor')
  const { kind, name, about, target, access, approval, secrets } = summarise(tool, saved)
  const written = isObject(tool) ? writtenCredentials(tool).map(({ path }) => path.join(' ')) : []
  const open = mayEdit ? 'Edit' : 'Show'
  const lines = Object.entries(faults).map(([path, detail]) => (path === '' ? detail : `${path}: ${detail}`))
  return (
    <li className={classes.tool} data-bad={lines.length > 0 || undefined}>
      <div className={classes.head}>
        <div className={classes.names}>
          <h3 id={id}>{name}</h3>
          {about !== '' && <p className={classes.about}>{about}</p>}
          <p className={classes.facts}>
            <Fact>{kind}</Fact>
            {target !== undefined && <Fact mono>{target}</Fact>}
            {access !== undefined && <Fact strong={access.toLowerCase().includes('write')}>{access}</Fact>}
            {approval !== undefined && <Fact>{approval}</Fact>}
            {secrets.map((secret) => (
              <Fact key={secret} mono icon>
                {secret}
              </Fact>
            ))}
          </p>
          {missing.length > 0 && (
            <p className={classes.fault}>
              {missing.length === 1 ? 'Secret not set: ' : 'Secrets not set: '}
              <code>{missing.join(', ')}</code>{' '}
              <a href={here('settings/secrets').href} target="_blank" rel="noreferrer">
                Set in Settings
              </a>
            </p>
          )}
          {mayEdit && written.length > 0 && (
            <p className={classes.fault}>
              {written.length === 1 ? 'Hard-coded credential: ' : 'Hard-coded credentials: '}
              <code>{written.join(', ')}</code>. Everyone who may edit agents can read{' '}
              {written.length === 1 ? 'it' : 'them'}, including in earlier revisions.{' '}
              <a href={here('settings/secrets').href} target="_blank" rel="noreferrer">
                Add a secret
              </a>{' '}
              and use <code>{'{{ secrets.NAME }}'}</code> instead.
            </p>
          )}
          {!isOpen && lines.length > 0 && (
            <p className={classes.fault} role="alert">
              {lines.join('\n')}
            </p>
          )}
        </div>
        <div className={classes.actions}>
          <Button
            variant="default"
            size="compact-sm"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Close' : open} ${name}`}
            onClick={actions.onToggle}
            {...(isFirstFault ? { 'data-field': 'tools' } : {})}
          >
            {isOpen ? 'Close' : open}
          </Button>
          <Allowed least="editor">
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<Icon name="play" size={12} />}
              aria-label={`Try ${name}`}
              disabled={hasDraft(tool)}
              onClick={() => setTrying(true)}
            >
              Try
            </Button>
            <MoreMenu name={name} actions={actions} />
          </Allowed>
        </div>
      </div>
      {trying && <TryTool tool={tool} name={name} onClose={() => setTrying(false)} />}
      {isOpen && (
        <div className={classes.editor} role="group" aria-labelledby={id}>
          {faults[''] !== undefined && <p className={classes.fault}>{faults['']}</p>}
          {mayEdit ? (
            <ToolEditor tool={tool} saved={saved} faults={faults} onChange={actions.onChange} />
          ) : (
            <Json label={`Settings of ${name}`} value={tool} />
          )}
        </div>
      )}
    </li>
  )
}

function Fact({
  children,
  mono = false,
  strong = false,
  icon = false,
}: {
  children: ReactNode
  mono?: boolean
  strong?: boolean
  icon?: boolean
}) {
  return (
    <span className={classes.fact} data-mono={mono || undefined} data-strong={strong || undefined}>
      {icon && <Icon name="key" size={12} />}
      {children}
    </span>
  )
}

function MoreMenu({ name, actions }: { name: string; actions: RowActions }) {
  const { onMoveUp, onMoveDown, onDuplicate, onRemove } = actions
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`More actions for ${name}`}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        <Menu.Item onClick={onDuplicate}>Duplicate</Menu.Item>
        <Menu.Item disabled={!onMoveUp} onClick={onMoveUp}>
          Move up
        </Menu.Item>
        <Menu.Item disabled={!onMoveDown} onClick={onMoveDown}>
          Move down
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={onRemove}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
