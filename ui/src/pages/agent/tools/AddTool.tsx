import { Modal, Tabs } from '@mantine/core'
import type { JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { TOOL_TEMPLATES } from '../toolTemplates.ts'
import { BUILTINS } from './builtins.ts'
import { nameOf } from './toolList.ts'
import classes from './AddTool.module.css'

/** Offers what a tool can be made from. */
export function AddTool({
  tools,
  onAdd,
  onClose,
}: {
  /** The tools that are there. */
  tools: readonly unknown[]
  onAdd: (tool: JsonObject) => void
  onClose: () => void
}) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add tool"
      size="48rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Tabs defaultValue="http" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="http">HTTP call</Tabs.Tab>
          <Tabs.Tab value="builtin">Built-in</Tabs.Tab>
          <Tabs.Tab value="openapi">OpenAPI</Tabs.Tab>
          <Tabs.Tab value="mcp">MCP server</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="http" pt="md">
          <ul className={classes.cards} aria-label="Templates">
            {TOOL_TEMPLATES.map(({ title, about, tool }) => (
              <Card key={title} title={title} about={about} onClick={() => onAdd(tool)} />
            ))}
          </ul>
        </Tabs.Panel>
        <Tabs.Panel value="builtin" pt="md">
          <ul className={classes.cards} aria-label="Built-in tools">
            {Object.entries(BUILTINS).map(([name, { title, about }]) => (
              <Card
                key={name}
                title={title}
                about={about}
                disabled={tools.some((tool) => nameOf(tool) === name)}
                onClick={() => onAdd({ type: 'builtin', name })}
              />
            ))}
          </ul>
        </Tabs.Panel>
        <Tabs.Panel value="openapi" pt="md">
          <ul className={classes.cards}>
            <Card
              title="OpenAPI document"
              about="Operations of an HTTP API"
              onClick={() => onAdd({ type: 'openapi', name: 'api', url: '', operations: [] })}
            />
          </ul>
        </Tabs.Panel>
        <Tabs.Panel value="mcp" pt="md">
          <ul className={classes.cards}>
            <Card
              title="MCP server"
              about="Tools of a server over HTTP"
              onClick={() => onAdd({ type: 'mcp', name: 'server', url: '' })}
            />
            <Card
              title="MCP program"
              about="Tools of a program that BELLWIRE_MCP_COMMANDS allows"
              onClick={() => onAdd({ type: 'mcp', name: 'program', command: '' })}
            />
          </ul>
        </Tabs.Panel>
      </Tabs>
    </Modal>
  )
}

function Card({
  title,
  about,
  disabled = false,
  onClick,
}: {
  title: string
  about: string
  disabled?: boolean
  onClick: () => void
}) {
  return (
    <li>
      <button type="button" className={classes.card} disabled={disabled} onClick={onClick}>
        <span className={classes.title}>{title}</span>
        <span className={classes.about}>{disabled ? 'Already added' : about}</span>
      </button>
    </li>
  )
}
