import { Modal } from '@mantine/core'
import { Fragment, useId, useState, type KeyboardEvent } from 'react'
import { Icon } from '../../components/Icon.tsx'
import classes from './CommandPalette.module.css'
import { usePaletteItems, type PaletteItem } from './usePaletteItems.ts'

/** One field to go anywhere and do anything: pages, agents, tasks by id, actions. */
export function CommandPalette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const id = useId()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const items = usePaletteItems(text, { onKeys })
  const at = Math.min(chosen, items.length - 1)
  const optionId = (index: number): string => `${id}-${index}`

  function choose(index: number): void {
    setChosen(index)
    document.getElementById(optionId(index))?.scrollIntoView({ block: 'nearest' })
  }

  function run(item: PaletteItem | undefined): void {
    if (!item) return
    onClose()
    item.run()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { length } = items
    const moves: Record<string, () => void> = {
      ArrowDown: () => choose((at + 1) % length),
      ArrowUp: () => choose((at + length - 1) % length),
      Enter: () => run(items[at]),
    }
    const move = moves[event.key]
    if (!move || length === 0 || event.nativeEvent.isComposing) return
    event.preventDefault()
    move()
  }

  return (
    <Modal.Root
      opened
      onClose={onClose}
      yOffset="12vh"
      size="36rem"
      padding={0}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content radius="md" aria-label="Search and commands">
        <div className={classes.head}>
          <Icon name="search" />
          <input
            className={classes.field}
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={items.length > 0 ? optionId(at) : undefined}
            aria-label="Page, agent, task ID or command"
            placeholder="Page, agent, task ID or command"
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value)
              setChosen(0)
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <div role="listbox" id={`${id}-list`} aria-label="Results" className={classes.list} tabIndex={-1}>
          {items.map((item, index) => (
            <Fragment key={item.id}>
              {item.group !== items[index - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {item.group}
                </div>
              )}
              <div
                role="option"
                id={optionId(index)}
                aria-selected={index === at}
                className={classes.item}
                onClick={() => run(item)}
                onPointerMove={() => setChosen(index)}
              >
                <Icon name={item.icon} />
                <span className={classes.label}>{item.label}</span>
                {item.hint !== undefined && <span className={classes.hint}>{item.hint}</span>}
              </div>
            </Fragment>
          ))}
        </div>
      </Modal.Content>
    </Modal.Root>
  )
}
