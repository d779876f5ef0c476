import classes from './Key.module.css'

/** A key, drawn as a keycap. */
export function Key({ children }: { children: string }) {
  return <kbd className={classes.key}>{children}</kbd>
}
