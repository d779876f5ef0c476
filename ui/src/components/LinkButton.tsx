import { Button, type ButtonProps } from '@mantine/core'
import { createLink, type LinkComponent } from '@tanstack/react-router'
import { forwardRef, type AnchorHTMLAttributes, type ComponentProps } from 'react'
import { Icon } from './Icon.tsx'

type AnchorProps = ButtonProps &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & {
    icon?: ComponentProps<typeof Icon>['name']
  }

const Anchor = forwardRef<HTMLAnchorElement, AnchorProps>(({ icon, ...props }, ref) => (
  <Button
    component="a"
    ref={ref}
    {...props}
    {...(icon === undefined ? {} : { leftSection: <Icon name={icon} /> })}
  />
))
Anchor.displayName = 'LinkButtonAnchor'

const Made = createLink(Anchor)

/** A link to another page that looks like a button. */
export const LinkButton: LinkComponent<typeof Anchor> = (props) => <Made {...props} />
